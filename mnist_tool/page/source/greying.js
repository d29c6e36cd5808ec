"use strict";
// From a picture file to grey of the size that is worked on, strip by strip:
// mnist_tool/reading/decoding.py and greying.py.

const Greying = (() => {
  const { ceil, floor, max, min } = Math;
  const WORK_SIDE = 512; // pixels of the longer side
  const MOST_PIXELS = 60_000_000; // a phone's photo has 12 to 50 million
  const STRIP = 1_000_000; // pixels that are looked at together
  const LARGE = 4_000_000; // pixels above which each strip is made smaller at once
  const STEP = 4; // pixels between those that are looked at for the colours
  const COLOURFUL = 16; // levels between red, green and blue, below which a picture is grey
  const TELLING = 1.8; // so many times further than in brightness ink and paper are apart in colour

  const bright = (r, g, b) => (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

  /** Says by how much a picture is made smaller at once; Pillow does it while it decodes a JPEG. */
  function reduction({ width, height }, jpeg) {
    const sides = [8, 4, 2].map((by) => by * 2 * WORK_SIDE);
    const first = jpeg ? 2 ** sides.filter((side) => min(width, height) >= side).length : 1;
    const [wide, high] = [width, height].map((length) => ceil(length / first));
    if (wide * high <= LARGE) return first;
    return first * max(1, floor(max(wide, high) / (4 * WORK_SIDE)));
  }

  function canvas(width, height) {
    if (typeof OffscreenCanvas === "function") return new OffscreenCanvas(width, height);
    return Object.assign(document.createElement("canvas"), { width, height });
  }

  /**
   * Opens a picture file, its colours as they are in it, and makes it smaller where it is large:
   * {rows, columns, values}, red, green and blue times their opacity, and that. Null if too large.
   */
  async function open(file) {
    const picture = await createImageBitmap(file, { colorSpaceConversion: "none" });
    const { width, height } = picture;
    if (width * height > MOST_PIXELS) return null;
    const by = reduction(picture, file.type === "image/jpeg");
    const [rows, columns] = [height, width].map((length) => ceil(length / by));
    const values = new Uint8ClampedArray(4 * rows * columns);
    const lines = by * max(1, floor(STRIP / (width * by)));
    const context = canvas(width, min(lines, height))
      .getContext("2d", { willReadFrequently: true });
    for (let top = 0; top < height; top += lines) {
      const high = min(lines, height - top);
      context.clearRect(0, 0, width, high);
      context.drawImage(picture, 0, top, width, high, 0, 0, width, high);
      const strip = context.getImageData(0, 0, width, high);
      reduce(strip, by, values.subarray((4 * columns * top) / by));
    }
    picture.close();
    return { rows, columns, values };
  }

  /** Writes the mean of each square of pixels. */
  function reduce({ data, width, height }, by, output) {
    for (let top = 0, to = 0; top < height; top += by) {
      const bottom = min(top + by, height);
      for (let left = 0; left < width; left += by, to += 4) {
        const right = min(left + by, width);
        let [r, g, b, opacity] = [0, 0, 0, 0];
        for (let y = top; y < bottom; y++) {
          const stop = 4 * (y * width + right);
          for (let i = 4 * (y * width + left); i < stop; i += 4) {
            const alpha = data[i + 3];
            const share = alpha === 255 ? 1 : alpha / 255;
            r += data[i] * share;
            g += data[i + 1] * share;
            b += data[i + 2] * share;
            opacity += alpha;
          }
        }
        const count = (bottom - top) * (right - left);
        output[to] = r / count;
        output[to + 1] = g / count;
        output[to + 2] = b / count;
        output[to + 3] = opacity / count;
      }
    }
  }

  function median(levels) {
    return levels.sort((a, b) => a - b)[floor(levels.length / 2)];
  }

  /** Returns the paper, 0 or 255, that the ink of a transparent picture stands out from. */
  function paper({ rows, columns, values }) {
    let [opacity, brightness] = [0, 0];
    for (let i = 0; i < values.length; i += 4) {
      opacity += values[i + 3];
      brightness += bright(values[i], values[i + 1], values[i + 2]);
    }
    const light = (255 * brightness) / max(1, opacity) > 127;
    const line = (length, from, step) =>
      Array.from({ length }, (_, i) => values[4 * (from + i * step) + 3]);
    const edges = [line(columns, 0, 1), line(columns, columns * (rows - 1), 1),
      line(rows, 0, columns), line(rows, columns - 1, columns)];
    const clear = edges.some((alphas) => median(alphas) < 128);
    const card = opacity > (255 * rows * columns) / 2 && clear;
    return light === card ? 255 : 0;
  }

  /** Lays a picture on its paper: three bytes for each pixel. */
  function onPaper(pixels) {
    const { rows, columns, values } = pixels;
    const under = paper(pixels) / 255;
    const colours = new Uint8ClampedArray(3 * rows * columns);
    for (let i = 0, to = 0; i < values.length; i += 4, to += 3) {
      const rest = (255 - values[i + 3]) * under;
      for (let k = 0; k < 3; k++) colours[to + k] = values[i + k] + rest;
    }
    return { rows, columns, colours };
  }

  /** Makes the rows shorter, each pixel the mean of those it covers, and turns them to columns. */
  function shorter({ rows, columns, colours }, size) {
    const output = new Uint8Array(3 * rows * size);
    const edge = (i) => floor((i * columns) / size + 0.5);
    for (let i = 0, to = 0; i < size; i++) {
      const [start, stop] = [edge(i), edge(i + 1)];
      for (let row = 0; row < rows; row++, to += 3) {
        for (let k = 0; k < 3; k++) {
          let sum = 0;
          const line = 3 * row * columns + k;
          for (let at = line + 3 * start; at < line + 3 * stop; at += 3) sum += colours[at];
          output[to + k] = sum / (stop - start) + 0.5;
        }
      }
    }
    return { rows: size, columns: rows, colours: output };
  }

  function range(values) {
    const ordered = Float64Array.from(values).sort();
    const few = floor(ordered.length / 200);
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
    const lighter = 0.299 * found[0] + 0.587 * found[1] + 0.114 * found[2] < 0 ? -1 : 1;
    return found.map((part) => lighter * part); // so that what is lighter stays lighter
  }

  /** Returns the brightness, or what tells ink of another colour apart that is as bright. */
  function telling(colours, rows, columns) {
    const grey = { rows, columns, values: new Uint8Array(rows * columns) };
    const at = (i) => colours.subarray(3 * i, 3 * i + 3);
    for (let i = 0, from = 0; i < grey.values.length; i++, from += 3) {
      grey.values[i] = bright(colours[from], colours[from + 1], colours[from + 2]);
    }
    const places = [];
    for (let row = 0; row < rows; row += STEP) {
      for (let column = 0; column < columns; column += STEP) places.push(row * columns + column);
    }
    const sample = places.map(at);
    if (!sample.some((c) => max(...c) - min(...c) >= COLOURFUL)) return grey;
    const mean = [0, 1, 2].map((k) => sample.reduce((sum, c) => sum + c[k], 0) / sample.length);
    const along = direction(sample, mean);
    const project = (c) => along.reduce((sum, part, k) => sum + part * (c[k] - mean[k]), 0);
    const usual = range(places.map((i) => grey.values[i]));
    if (range(sample.map(project)) < TELLING * max(usual, COLOURFUL)) return grey;
    const values = grey.values.map((_, i) => min(255, max(0, project(at(i)) + 128)));
    return { rows, columns, values };
  }

  /** Makes an opened picture grey: {rows, columns, values}, bytes from 0 black to 255 white. */
  function grey(pixels) {
    const shrink = min(1, WORK_SIDE / max(pixels.rows, pixels.columns));
    const [rows, columns] = [pixels.rows, pixels.columns].map((length) =>
      max(1, Math.round(length * shrink)));
    return telling(shorter(shorter(onPaper(pixels), columns), rows).colours, rows, columns);
  }

  return { open, grey };
})();
