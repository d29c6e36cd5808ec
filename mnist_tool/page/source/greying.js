"use strict";
// From a picture's colours to grey of the size that is worked on: mnist_tool/reading/greying.py.

const Greying = (() => {
  const WORK_SIDE = 512; // pixels of the longer side
  const STEP = 4; // pixels between those that are looked at for the colours
  const COLOURFUL = 16; // levels between red, green and blue, below which a picture is grey
  const TELLING = 1.8; // so many times further than in brightness ink and paper are apart in colour

  const bright = (r, g, b) => (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

  function median(values) {
    return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  }

  /** Returns the paper, 0 or 255, that the ink of a transparent picture stands out from. */
  function paper({ data, width, height }) {
    let [opacity, brightness] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
      opacity += data[i + 3];
      brightness += data[i + 3] * bright(data[i], data[i + 1], data[i + 2]);
    }
    const light = brightness / Math.max(1, opacity) > 127;
    const line = (length, from, step) =>
      Array.from({ length }, (_, i) => data[4 * (from + i * step) + 3]);
    const last = width * (height - 1);
    const edges = [line(width, 0, 1), line(width, last, 1),
      line(height, 0, width), line(height, width - 1, width)];
    const clear = edges.some((alphas) => median(alphas) < 128);
    const card = opacity > (255 * width * height) / 2 && clear;
    return light === card ? 255 : 0;
  }

  /** Returns the colours, three bytes for each pixel, each the mean of those it covers. */
  function small(pixels, rows, columns) {
    const { data, width, height } = pixels;
    const under = paper(pixels);
    const cover = (before, size) => Array.from({ length: size + 1 }, (_, i) =>
      Math.floor((i * before) / size + 0.5));
    const [down, across] = [cover(height, rows), cover(width, columns)];
    const output = new Uint8Array(3 * rows * columns);
    for (let row = 0, to = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let [r, g, b, count] = [0, 0, 0, 0];
        for (let y = down[row]; y < down[row + 1]; y++) {
          for (let x = across[column]; x < across[column + 1]; x++, count++) {
            const i = 4 * (y * width + x);
            const [alpha, rest] = [data[i + 3] / 255, under * (1 - data[i + 3] / 255)];
            r += data[i] * alpha + rest;
            g += data[i + 1] * alpha + rest;
            b += data[i + 2] * alpha + rest;
          }
        }
        for (const sum of [r, g, b]) output[to++] = Math.round(sum / count);
      }
    }
    return output;
  }

  function range(values) {
    const ordered = Float64Array.from(values).sort();
    const few = Math.floor(ordered.length / 200);
    return ordered[ordered.length - 1 - few] - ordered[few];
  }

  /** Returns the direction in which colours, less their mean, differ most. */
  function direction(colours, mean) {
    const spread = [0, 1, 2].map((i) => [0, 1, 2].map((j) =>
      colours.reduce((sum, c) => sum + (c[i] - mean[i]) * (c[j] - mean[j]), 0)));
    let found = [1, 0.7, 0.4];
    for (let turn = 0; turn < 60; turn++) {
      const next = spread.map((line) => line.reduce((sum, s, i) => sum + s * found[i], 0));
      const length = Math.hypot(...next) || 1;
      found = next.map((part) => part / length);
    }
    return found;
  }

  /** Returns the brightness, or what tells ink of another colour apart that is as bright. */
  function telling(colours, rows, columns) {
    const grey = { rows, columns, values: new Uint8Array(rows * columns) };
    const at = (i) => colours.subarray(3 * i, 3 * i + 3);
    grey.values.forEach((_, i) => { grey.values[i] = bright(...at(i)); });
    const places = Array.from(grey.values.keys()).filter((i) =>
      Math.floor(i / columns) % STEP === 0 && (i % columns) % STEP === 0);
    const sample = places.map(at);
    if (!sample.some((c) => Math.max(...c) - Math.min(...c) >= COLOURFUL)) return grey;
    const mean = [0, 1, 2].map((k) => sample.reduce((sum, c) => sum + c[k], 0) / sample.length);
    const along = direction(sample, mean);
    const project = (c) => along.reduce((sum, part, k) => sum + part * (c[k] - mean[k]), 0);
    const usual = range(places.map((i) => grey.values[i]));
    if (range(sample.map(project)) < TELLING * Math.max(usual, COLOURFUL)) return grey;
    const values = Uint8Array.from(grey.values, (_, i) =>
      Math.min(255, Math.max(0, project(at(i)) + 128)));
    return { rows, columns, values };
  }

  /** Makes pixels grey: {rows, columns, values}, bytes from 0 black to 255 white. */
  function grey(pixels) {
    const shrink = Math.min(1, WORK_SIDE / Math.max(pixels.width, pixels.height));
    const [rows, columns] = [pixels.height, pixels.width].map((length) =>
      Math.max(1, Math.round(length * shrink)));
    return telling(small(pixels, rows, columns), rows, columns);
  }

  return { grey };
})();
