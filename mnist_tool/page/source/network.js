"use strict";
// Runs a trained network: an image of 28 x 28 bytes in, ten numbers out.
//
// What flows through it is a volume: {channels, rows, columns, values}, its values in the order of
// torch, one channel after the other and row by row. Sums are made with 64 bits and kept with 32.

const Network = (() => {
  const SIDE = 28;
  const SELU_SCALE = 1.0507009873554805;
  const SELU_ALPHA = 1.6732632423543772;

  function volume(channels, rows, columns) {
    return { channels, rows, columns, values: new Float32Array(channels * rows * columns) };
  }

  function map(input, change) {
    return { ...input, values: input.values.map(change) };
  }

  /** Lays a border of one value around every channel. */
  function padded(input, border, filling = 0) {
    if (!border) return input;
    const { channels, rows, columns, values } = input;
    const output = volume(channels, rows + 2 * border, columns + 2 * border);
    output.values.fill(filling);
    for (let row = 0; row < channels * rows; row++) {
      const channel = Math.floor(row / rows);
      const place = (channel * output.rows + border + (row % rows)) * output.columns + border;
      output.values.set(values.subarray(row * columns, (row + 1) * columns), place);
    }
    return output;
  }

  /** Multiplies weights, from one place on, with values; two sums side by side are quicker. */
  function product(weights, first, values) {
    let even = 0;
    let odd = 0;
    const end = values.length - 1;
    let i = 0;
    for (; i < end; i += 2) {
      even += weights[first + i] * values[i];
      odd += weights[first + i + 1] * values[i + 1];
    }
    return even + odd + (i === end ? weights[first + i] * values[i] : 0);
  }

  function linear({ weight, bias }, input) {
    const [units, inputs] = weight.shape;
    const output = volume(units, 1, 1);
    for (let unit = 0; unit < units; unit++) {
      const sum = product(weight.values, unit * inputs, input.values);
      output.values[unit] = sum + (bias ? bias.values[unit] : 0);
    }
    return output;
  }

  function convolution({ weight, bias, stride, padding }, input) {
    const [filters, channels, high, wide] = weight.shape;
    const source = padded(input, padding);
    const rows = Math.floor((source.rows - high) / stride) + 1;
    const columns = Math.floor((source.columns - wide) / stride) + 1;
    const output = volume(filters, rows, columns);
    const seen = new Float32Array(channels * high * wide); // by the filters, at one place
    for (let place = 0; place < rows * columns; place++) {
      const top = Math.floor(place / columns) * stride;
      const left = (place % columns) * stride;
      for (let line = 0, to = 0; line < channels * high; line++) {
        const row = Math.floor(line / high) * source.rows + top + (line % high);
        const from = row * source.columns + left;
        for (let i = from; i < from + wide; i++) seen[to++] = source.values[i];
      }
      for (let filter = 0; filter < filters; filter++) {
        const sum = product(weight.values, filter * seen.length, seen);
        output.values[filter * rows * columns + place] = sum + (bias ? bias.values[filter] : 0);
      }
    }
    return output;
  }

  /** Batch normalisation in use: a factor and a summand for every channel. */
  function affine({ factor, summand }, input) {
    const area = input.rows * input.columns;
    return map(input, (value, i) => {
      const channel = Math.floor(i / area);
      return value * factor.values[channel] + summand.values[channel];
    });
  }

  function pool(input, { size, stride, padding }, start, join, finish, filling) {
    const source = padded(input, padding, filling);
    const rows = Math.floor((source.rows - size) / stride) + 1;
    const columns = Math.floor((source.columns - size) / stride) + 1;
    const output = volume(source.channels, rows, columns);
    let to = 0;
    for (let channel = 0; channel < source.channels; channel++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let value = start;
          for (let down = 0; down < size; down++) {
            const line = channel * source.rows + row * stride + down;
            const from = line * source.columns + column * stride;
            for (let i = from; i < from + size; i++) value = join(value, source.values[i]);
          }
          output.values[to++] = finish(value, size * size);
        }
      }
    }
    return output;
  }

  const larger = (a, b) => (b > a ? b : a);
  const maxPool = (step, input) => pool(input, step, -Infinity, larger, (v) => v, -Infinity);
  const meanPool = (step, input) => pool(input, step, 0, (a, b) => a + b, (v, n) => v / n, 0);
  const whole = (input) => ({ size: input.rows, stride: 1, padding: 0 });

  const STEPS = {
    scale: ({ mean, spread }, input) => map(input, (value) => (value - mean) / spread),
    linear,
    convolution,
    affine,
    relu: (_, input) => map(input, (value) => (value > 0 ? value : 0)),
    selu: (_, input) =>
      map(input, (v) => SELU_SCALE * (v > 0 ? v : SELU_ALPHA * Math.expm1(v))),
    sigmoid: (_, input) => map(input, (value) => 1 / (1 + Math.exp(-value))),
    "max-pool": maxPool,
    "mean-pool": meanPool,
    max: (_, input) => maxPool(whole(input), input),
    mean: (_, input) => meanPool(whole(input), input),
  };

  /** Cuts a window out of an image of bytes, so many pixels off the middle, as numbers 0 to 1. */
  function cut(image, side, [down, right]) {
    const output = volume(1, side, side);
    const top = (SIDE - side) / 2 + down;
    const left = (SIDE - side) / 2 + right;
    for (let i = 0; i < side * side; i++) {
      const pixel = (top + Math.floor(i / side)) * SIDE + left + (i % side);
      output.values[i] = image[pixel] / 255;
    }
    return output;
  }

  function softmax(logits) {
    const most = Math.max(...logits);
    const powers = Array.from(logits, (logit) => Math.exp(logit - most));
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

  return { logits, softmax, trace, knows: (kind) => kind in STEPS };
})();
