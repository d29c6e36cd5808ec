"use strict";
// Runs a trained network: an image of 28 x 28 bytes in, ten numbers out.
//
// What flows through it is a volume: {channels, rows, columns, values}, its values in the order of
// torch, one channel after the other and row by row. All numbers have 64 bits, as those of
// JavaScript have anyway: with 32 it is slower.

const Network = (() => {
  const { exp, floor, max } = Math;
  const SIDE = 28;
  const SELU_SCALE = 1.0507009873554805;
  const SELU_ALPHA = 1.6732632423543772;

  function volume(channels, rows, columns) {
    return { channels, rows, columns, values: new Float64Array(channels * rows * columns) };
  }

  /** Lays a border of one value around every channel. */
  function padded(input, border, filling = 0) {
    if (!border) return input;
    const { channels, rows, columns, values } = input;
    const output = volume(channels, rows + 2 * border, columns + 2 * border);
    output.values.fill(filling);
    for (let row = 0; row < channels * rows; row++) {
      const channel = floor(row / rows);
      const place = (channel * output.rows + border + (row % rows)) * output.columns + border;
      output.values.set(values.subarray(row * columns, (row + 1) * columns), place);
    }
    return output;
  }

  /**
   * Multiplies a matrix of weights, row by row, with values, of which only some are given: so many,
   * and their places. Four rows at a time are quicker: each value is fetched once for all of them.
   * The sums are written to `output`, from `first` on, each so many places after the other.
   */
  function multiply({ weight, bias }, { values, places, count }, output, first, apart) {
    const [units, inputs] = weight.shape;
    const weights = weight.values;
    const start = (unit) => (bias ? bias.values[unit] : 0);
    let unit = 0;
    for (; unit + 4 <= units; unit += 4) {
      const [a, b] = [unit * inputs, (unit + 1) * inputs];
      const [c, d] = [b + inputs, b + 2 * inputs];
      let one = start(unit);
      let two = start(unit + 1);
      let three = start(unit + 2);
      let four = start(unit + 3);
      for (let i = 0; i < count; i++) {
        const value = values[i];
        const place = places[i];
        one += weights[a + place] * value;
        two += weights[b + place] * value;
        three += weights[c + place] * value;
        four += weights[d + place] * value;
      }
      output[first + unit * apart] = one;
      output[first + (unit + 1) * apart] = two;
      output[first + (unit + 2) * apart] = three;
      output[first + (unit + 3) * apart] = four;
    }
    for (; unit < units; unit++) {
      let sum = start(unit);
      for (let i = 0; i < count; i++) sum += weights[unit * inputs + places[i]] * values[i];
      output[first + unit * apart] = sum;
    }
  }

  /** Makes room for the values that are not 0: after a ReLU half of them are. */
  function room(most) {
    return { values: new Float64Array(most), places: new Int32Array(most), count: 0 };
  }

  function linear(step, input) {
    const output = volume(step.weight.shape[0], 1, 1);
    const seen = room(input.values.length);
    input.values.forEach((value, place) => {
      if (value === 0) return;
      seen.values[seen.count] = value;
      seen.places[seen.count++] = place;
    });
    multiply(step, seen, output.values, 0, 1);
    return output;
  }

  function convolution({ weight, bias, stride, padding }, input) {
    const [filters, channels, high, wide] = weight.shape;
    const source = padded(input, padding);
    const rows = floor((source.rows - high) / stride) + 1;
    const columns = floor((source.columns - wide) / stride) + 1;
    const output = volume(filters, rows, columns);
    const seen = room(channels * high * wide); // by the filters, at one place
    const flat = { weight: { shape: [filters, seen.values.length], values: weight.values }, bias };
    for (let place = 0; place < rows * columns; place++) {
      const corner = floor(place / columns) * stride * source.columns;
      gather(source, corner + (place % columns) * stride, high, wide, seen);
      multiply(flat, seen, output.values, place, rows * columns);
    }
    return output;
  }

  /** Collects what is not 0 in a window of all channels, whose first corner is given. */
  function gather({ channels, rows, columns, values }, corner, high, wide, seen) {
    let [place, count] = [0, 0];
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < high; row++) {
        const from = (channel * rows + row) * columns + corner;
        for (let i = from; i < from + wide; i++, place++) {
          if (values[i] === 0) continue;
          seen.values[count] = values[i];
          seen.places[count++] = place;
        }
      }
    }
    seen.count = count;
  }

  /** Batch normalisation in use: a factor and a summand for every channel. */
  function affine({ factor, summand }, input) {
    const { channels, rows, columns } = input;
    const output = volume(channels, rows, columns);
    for (let channel = 0, i = 0; channel < channels; channel++) {
      const [times, plus] = [factor.values[channel], summand.values[channel]];
      for (const end = i + rows * columns; i < end; i++) {
        output.values[i] = input.values[i] * times + plus;
      }
    }
    return output;
  }

  /** Makes one number of each window: the largest, or the mean. */
  function pool(input, { size, stride, padding }, mean) {
    const source = padded(input, padding, mean ? 0 : -Infinity);
    const rows = floor((source.rows - size) / stride) + 1;
    const columns = floor((source.columns - size) / stride) + 1;
    const output = volume(source.channels, rows, columns);
    for (let to = 0; to < output.values.length; to++) {
      const line = floor(to / columns);
      const top = floor(line / rows) * source.rows + (line % rows) * stride;
      const corner = top * source.columns + (to % columns) * stride;
      let [sum, most] = [0, -Infinity];
      for (let i = 0; i < size * size; i++) {
        const value = source.values[corner + floor(i / size) * source.columns + (i % size)];
        sum += value;
        if (value > most) most = value;
      }
      output.values[to] = mean ? sum / (size * size) : most;
    }
    return output;
  }

  function relu(_, input) {
    const values = input.values.slice();
    for (let i = 0; i < values.length; i++) if (!(values[i] > 0)) values[i] = 0;
    return { ...input, values };
  }

  function map(input, change) {
    return { ...input, values: input.values.map(change) };
  }

  const whole = (input) => ({ size: input.rows, stride: 1, padding: 0 });

  const STEPS = {
    scale: ({ mean, spread }, input) => map(input, (value) => (value - mean) / spread),
    linear,
    convolution,
    affine,
    relu,
    selu: (_, input) =>
      map(input, (v) => SELU_SCALE * (v > 0 ? v : SELU_ALPHA * Math.expm1(v))),
    sigmoid: (_, input) => map(input, (value) => 1 / (1 + exp(-value))),
    "max-pool": (step, input) => pool(input, step, false),
    "mean-pool": (step, input) => pool(input, step, true),
    max: (_, input) => pool(input, whole(input), false),
    mean: (_, input) => pool(input, whole(input), true),
  };

  /** Cuts a window out of an image of bytes, so many pixels off the middle, as numbers 0 to 1. */
  function cut(image, side, [down, right]) {
    const output = volume(1, side, side);
    const top = (SIDE - side) / 2 + down;
    const left = (SIDE - side) / 2 + right;
    for (let i = 0; i < side * side; i++) {
      const pixel = (top + floor(i / side)) * SIDE + left + (i % side);
      output.values[i] = image[pixel] / 255;
    }
    return output;
  }

  function softmax(logits) {
    const most = max(...logits);
    const powers = Array.from(logits, (logit) => exp(logit - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / sum);
  }

  /** Returns what every step makes of one view: [{kind, ...volume}], the pixels first. */
  function trace(network, image, view = [0, 0]) {
    let state = cut(image, network.side, view);
    const states = [{ kind: "pixels", ...state }];
    for (const step of network.steps) {
      state = STEPS[step.kind](step, state);
      states.push({ kind: step.kind, ...state });
    }
    return states;
  }

  /** Returns the ten outputs for an image of 28 x 28 bytes, 0 paper to 255 ink. */
  function logits(network, image) {
    const each = network.views.map((view) => trace(network, image, view).at(-1).values);
    if (each.length === 1) return Array.from(each[0]);
    const chances = each.map(softmax);
    return chances[0].map((_, digit) =>
      Math.log(chances.reduce((sum, row) => sum + row[digit], 0) / chances.length));
  }

  return { logits, softmax, trace };
})();
