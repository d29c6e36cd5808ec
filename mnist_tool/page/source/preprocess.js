"use strict";
// Brings ink to MNIST's form: white on black, 20 x 20, centred by mass. It does what
// mnist_tool/reading/preprocess.py does, with the same bits; each step has the same name there.
//
// Ink is {rows, columns, values}: bytes, 0 paper to 255 full ink.

const Preprocess = (() => {
  const { ceil, floor, max, min } = Math;
  const SIDE = 28;
  const BOX = 20;
  const MIDDLE = 14.5; // where MNIST's files have the centre of mass
  const FAINT = 25; // below this, ink is the soft edge of a stroke
  const PEN = 1.6; // MNIST's pens are not much finer

  /** Rounds as Python and numpy do: halves to the even neighbour. */
  function round(value) {
    const below = floor(value);
    const rest = value - below;
    if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
    return below % 2 === 0 ? below : below + 1;
  }

  const float = Math.fround; // to 32 bits, as OpenCV calculates

  function picture(rows, columns) {
    return { rows, columns, values: new Uint8Array(rows * columns) };
  }

  /** Cuts out a box, which may reach beyond the borders: there is paper. */
  function cut(ink, top, left, rows, columns) {
    const output = { rows, columns, values: new ink.values.constructor(rows * columns) };
    const first = max(0, left);
    const stop = min(ink.columns, left + columns);
    for (let row = max(0, -top); row < rows && row + top < ink.rows; row++) {
      const line = (row + top) * ink.columns;
      const part = ink.values.subarray(line + first, line + stop);
      output.values.set(part, row * columns + first - left);
    }
    return output;
  }

  /** Returns the box of the pixels above a level: [top, left, rows, columns], or null. */
  function box({ rows, columns, values }, level) {
    let [top, bottom, left, right] = [rows, -1, columns, -1];
    for (let row = 0, i = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, i++) {
        if (values[i] <= level) continue;
        if (row < top) top = row;
        bottom = row;
        if (column < left) left = column;
        if (column > right) right = column;
      }
    }
    return bottom < 0 ? null : [top, left, bottom - top + 1, right - left + 1];
  }

  const crop = (ink) => cut(ink, ...box(ink, FAINT));

  /** Widens lines that would be finer than a pen in the box; `pixel` is one pixel of the box. */
  function thicken(ink, pixel) {
    const { rows, columns, values } = ink;
    let area = 0;
    let sides = 0;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        if (values[row * columns + column] <= 127) continue;
        area++;
        const dark = (r, c) =>
          r >= 0 && r < rows && c >= 0 && c < columns && values[r * columns + c] > 127;
        sides += !dark(row - 1, column) + !dark(row + 1, column);
        sides += !dark(row, column - 1) + !dark(row, column + 1);
      }
    }
    const width = ((2 * area) / max(1, sides)) * 1.27;
    const missing = round((PEN * pixel - width) / 2);
    if (missing < 1) return ink;
    const wide = cut(ink, -missing, -missing, rows + 2 * missing, columns + 2 * missing);
    return Pixels.dilate(wide, 2 * missing + 1, 2 * missing + 1);
  }

  function turned({ rows, columns, values }) {
    const output = { rows: columns, columns: rows, values: new values.constructor(values.length) };
    for (let row = 0, i = 0; row < rows; row++) {
      for (let to = row; to < values.length; to += rows) output.values[to] = values[i++];
    }
    return output;
  }

  /** Says which pixels make each of `size` new ones, and with which share: OpenCV's INTER_AREA. */
  function shares(before, size) {
    const scale = before / size;
    return Array.from({ length: size }, (_, i) => {
      const [start, stop] = [i * scale, i * scale + scale];
      const width = min(scale, before - start);
      const last = min(floor(stop), before - 1);
      const first = min(ceil(start), last);
      const found = [];
      const add = (pixel, share) => found.push([pixel, float(share)]);
      if (first - start > 1e-3) add(first - 1, (first - start) / width);
      for (let pixel = first; pixel < last; pixel++) add(pixel, 1 / width);
      if (stop - last > 1e-3) add(last, min(stop - last, 1, width) / width);
      return found;
    });
  }

  /** Makes ink smaller, each pixel the mean of those it covers, in 32 bits as OpenCV does. */
  function shrink(ink, rows, columns) {
    const output = picture(rows, columns);
    const [down, across] = [ink.rows / rows, ink.columns / columns];
    if (Number.isInteger(down) && Number.isInteger(across)) return blocks(ink, rows, columns);
    const right = shares(ink.columns, columns);
    shares(ink.rows, rows).forEach((lines, row) => {
      right.forEach((pixels, column) => {
        let sum = 0;
        for (const [line, share] of lines) {
          let part = 0;
          for (const [pixel, weight] of pixels) {
            part = float(part + float(ink.values[line * ink.columns + pixel] * weight));
          }
          sum = float(sum + float(share * part));
        }
        output.values[row * columns + column] = min(255, round(sum));
      });
    });
    return output;
  }

  /** Makes ink smaller by whole numbers. */
  function blocks(ink, rows, columns) {
    const output = picture(rows, columns);
    const [high, wide] = [ink.rows / rows, ink.columns / columns];
    const share = float(1 / (high * wide));
    output.values.forEach((_, i) => {
      const start = floor(i / columns) * high * ink.columns + (i % columns) * wide;
      let sum = 0;
      for (let j = 0; j < high * wide; j++) {
        sum += ink.values[start + floor(j / wide) * ink.columns + (j % wide)];
      }
      output.values[i] = high === 2 && wide === 2 ? (sum + 2) >> 2 : round(float(sum * share));
    });
    return output;
  }

  /** Says between which two pixels each of `size` new ones lies, in 8 bits. */
  function between(before, size) {
    return Array.from({ length: size }, (_, i) => {
      const place = (i + 0.5) * (before / size) - 0.5;
      const low = floor(place);
      const rest = low < 0 || low >= before - 1 ? 0 : round((place - low) * 256);
      const first = min(max(low, 0), before - 1);
      return [first, min(first + 1, before - 1), 256 - rest, rest];
    });
  }

  /** Makes ink larger, in whole numbers: OpenCV's INTER_LINEAR_EXACT. */
  function enlarge(ink, rows, columns) {
    const output = picture(rows, columns);
    const right = between(ink.columns, columns);
    between(ink.rows, rows).forEach(([upper, lower, above, below], row) => {
      right.forEach(([first, second, left, rest], column) => {
        const [one, other] = [upper, lower].map((line) => {
          const start = line * ink.columns;
          return ink.values[start + first] * left + ink.values[start + second] * rest;
        });
        output.values[row * columns + column] = (one * above + other * below + (1 << 15)) >> 16;
      });
    });
    return output;
  }

  /** Scales to fit the box of 20 x 20, keeping the aspect ratio and full ink. */
  function normalise(ink) {
    const scale = BOX / max(ink.rows, ink.columns);
    const size = [ink.rows, ink.columns].map((length) => max(1, round(length * scale)));
    const resize = scale < 1 ? shrink : enlarge;
    const small = resize(thicken(ink, 1 / scale), ...size);
    const full = float(255 / max(1, ...small.values));
    const values = small.values.map((value) => min(255, round(float(value * full))));
    return { ...small, values };
  }

  /** Puts the centre of mass into the middle of 28 x 28. */
  function centre(small) {
    const offset = ({ rows, columns, values }) => {
      let [mass, moment] = [0, 0];
      values.forEach((value, i) => {
        mass += value;
        moment += value * (floor(i / columns) + 0.5);
      });
      return min(max(round(MIDDLE - moment / mass), 0), SIDE - rows);
    };
    return cut(small, -offset(small), -offset(turned(small)), SIDE, SIDE);
  }

  /** Returns the 28 x 28 bytes that the model sees of the ink of one digit. */
  function image(ink) {
    return centre(normalise(crop(ink))).values;
  }

  return { image, box, cut, turned, shrink, round, FAINT };
})();
