"use strict";
// What is done with the pixels of a picture: {rows, columns, values}. Each does what OpenCV does
// under the same name, for mnist_tool/reading calls that.

const Pixels = (() => {
  const { abs, floor, max, min } = Math;
  const like = (picture, values) => ({ ...picture, values });

  function counts(levels) {
    const found = new Float64Array(256);
    for (const level of levels) found[level]++;
    return found;
  }

  /** Returns the level that parts values of 0 to 255 best into two groups (N. Otsu, 1979). */
  function otsu(levels) {
    const found = counts(levels);
    const moment = found.reduce((sum, count, level) => sum + count * level, 0);
    let [best, most, below, under] = [0, 0, 0, 0];
    for (let level = 0; level < 256; level++) {
      below += found[level];
      under += found[level] * level;
      const above = levels.length - below;
      if (!below || !above) continue;
      const between = below * above * (under / below - (moment - under) / above) ** 2;
      if (between > most) [best, most] = [level, between];
    }
    return best;
  }

  /** Returns the least place up to which there is a share, in percent, of all that is counted. */
  function percentile(found, share) {
    const wanted = found.reduce((a, b) => a + b, 0) * (share / 100);
    let sum = 0;
    for (let place = 0; place < found.length; place++) {
      sum += found[place];
      if (sum >= wanted) return place;
    }
    return found.length - 1;
  }

  /** Makes bytes of numbers; typed arrays do it a tenth as quickly by `from`. */
  function bytes(values, change) {
    const output = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) output[i] = change(values[i], i);
    return output;
  }

  /**
   * Returns the largest of the `size` neighbours along each line, with bits flipped the least.
   * In blocks of that size: the largest from each place to its block's end, and from its beginning
   * (M. van Herk, 1992), so that a large window takes no longer than a small one.
   */
  function along(values, lines, apart, length, step, size, flip) {
    const output = new Uint8Array(values.length);
    const before = size >> 1;
    const most = size * Math.ceil((length + size) / size); // whole blocks
    const [line, ends, starts] = [0, 0, 0].map(() => new Uint8Array(most));
    for (let start = 0; start < lines * apart; start += apart) {
      let any = flip;
      for (let i = 0; i < length; i++) any |= line[before + i] = values[start + i * step] ^ flip;
      if (!any) continue;
      for (let block = 0; block < most; block += size) {
        for (let i = block, kept = 0; i < block + size; i++) {
          if (line[i] > kept) kept = line[i];
          starts[i] = kept;
        }
        for (let i = block + size - 1, kept = 0; i >= block; i--) {
          if (line[i] > kept) kept = line[i];
          ends[i] = kept;
        }
      }
      for (let i = 0; i < length; i++) {
        output[start + i * step] = max(ends[i], starts[i + size - 1]) ^ flip;
      }
    }
    return output;
  }

  function extreme({ rows, columns, values }, high, wide, flip) {
    const across = along(values, rows, columns, columns, 1, wide, flip);
    return { rows, columns, values: along(across, columns, 1, rows, columns, high, flip) };
  }

  const dilate = (picture, high, wide) => extreme(picture, high, wide, 0);
  const erode = (picture, high, wide) => extreme(picture, high, wide, 255);
  const close = (picture, high, wide) => erode(dilate(picture, high, wide), high, wide);
  const open = (picture, high, wide) => dilate(erode(picture, high, wide), high, wide);

  /** Numbers what is above a level and hangs together, also by corners: [labels, parts]. */
  function components({ rows, columns, values }, level = 0) {
    const labels = new Int32Array(values.length);
    const parts = [];
    for (let start = 0; start < values.length; start++) {
      if (values[start] <= level || labels[start]) continue;
      const label = parts.length + 1;
      const [x, y] = [start % columns, floor(start / columns)];
      const part = { label, left: x, top: y, right: x + 1, bottom: y + 1, area: 0 };
      const stack = [start];
      labels[start] = label;
      while (stack.length) {
        const at = stack.pop();
        const [column, row] = [at % columns, floor(at / columns)];
        part.area++;
        part.left = min(part.left, column);
        part.right = max(part.right, column + 1);
        part.bottom = max(part.bottom, row + 1);
        for (let r = max(0, row - 1); r <= min(rows - 1, row + 1); r++) {
          for (let c = max(0, column - 1); c <= min(columns - 1, column + 1); c++) {
            const next = r * columns + c;
            if (values[next] <= level || labels[next]) continue;
            labels[next] = label;
            stack.push(next);
          }
        }
      }
      parts.push(part);
    }
    return [labels, parts];
  }

  const products = (weights, values) =>
    weights.reduce((sum, weight, i) => sum + weight * values[i], 0);

  // Between pixels: the first that counts, the weights of all, and the sum in the end; linear in
  // whole numbers, of weights and values that are 2048 times as large.
  const LINEAR = {
    first: 0,
    weights: (rest) => [1 - rest, rest].map((weight) => Preprocess.round(2048 * weight)),
    sum: ([a, b], [upper, lower]) =>
      (((a * (upper >> 4)) >> 16) + ((b * (lower >> 4)) >> 16) + 2) >> 2,
  };
  const CUBIC = {
    first: -1,
    weights(rest) {
      const a = -0.75;
      const far = (x) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
      const near = (x) => ((a + 2) * x - (a + 3)) * x * x + 1;
      return [far(rest + 1), near(rest), near(1 - rest), far(2 - rest)];
    },
    sum: (weights, values) =>
      min(255, max(0, floor(products(weights, values) + 0.5))),
  };

  /** Makes each row one of `size` numbers, each the sum of what counts for it. */
  function stretched({ rows, columns, values }, size, way, sum) {
    const output = new Float64Array(rows * size);
    for (let i = 0; i < size; i++) {
      const place = Math.fround((i + 0.5) * (columns / size) - 0.5);
      const first = floor(place);
      const weights = way.weights(place - first);
      const places = weights.map((_, j) => min(max(first + way.first + j, 0), columns - 1));
      const near = [...weights];
      for (let row = 0; row < rows; row++) {
        for (let j = 0; j < near.length; j++) near[j] = values[row * columns + places[j]];
        output[row * size + i] = sum(weights, near);
      }
    }
    return { rows, columns: size, values: output };
  }

  /** Makes a picture larger or smaller, `LINEAR` or `CUBIC`. */
  function resize(picture, rows, columns, way) {
    const { turned } = Preprocess;
    const wide = stretched(picture, columns, way, products);
    const both = turned(stretched(turned(wide), rows, way, way.sum));
    return like(both, Uint8Array.from(both.values));
  }

  /** Returns the weights of a Gaussian of this spread, of as many pixels to both sides. */
  function gaussian(spread, reach) {
    const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
      Math.exp(-((i - reach) ** 2) / (2 * spread ** 2)));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  }

  /** Sums up the neighbours of each pixel along its row; beyond the borders they are mirrored. */
  function weighted({ rows, columns, values }, weights) {
    const reach = weights.length >> 1;
    const output = new Float64Array(values.length);
    const line = new Float64Array(columns + 2 * reach);
    const mirrored = (place) => (place < columns ? place : abs(2 * columns - 2 - place));
    for (let row = 0; row < rows; row++) {
      line.forEach((_, i) => {
        line[i] = values[row * columns + min(columns - 1, mirrored(abs(i - reach)))];
      });
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i] * line[column + i];
        output[row * columns + column] = sum;
      }
    }
    return { rows, columns, values: output };
  }

  /** Blurs with a Gaussian of this spread, in whole numbers, 256 times as large. */
  function blur(picture, spread) {
    const { turned, round } = Preprocess;
    const exact = gaussian(spread, (round(6 * spread + 1) | 1) >> 1);
    let rest = 0; // that rounding took from the weight before
    const half = exact.slice(0, exact.length >> 1).map((weight) => {
      const whole = round(256 * weight + rest);
      rest += 256 * weight - whole;
      return whole;
    });
    const middle = 256 - 2 * half.reduce((a, b) => a + b, 0);
    const weights = [...half, middle, ...[...half].reverse()];
    const both = turned(weighted(turned(weighted(picture, weights)), weights));
    return like(both, bytes(both.values, (sum) => (sum + (1 << 15)) >> 16));
  }

  /** Returns the median of the 5 x 5 neighbours of each pixel. */
  function median({ rows, columns, values }) {
    const near = new Uint8Array(25);
    const output = values.map((_, i) => {
      const [row, column] = [floor(i / columns), i % columns];
      for (let j = 0; j < 25; j++) {
        const r = min(max(row + floor(j / 5) - 2, 0), rows - 1);
        const c = min(max(column + (j % 5) - 2, 0), columns - 1);
        near[j] = values[r * columns + c];
      }
      return near.sort()[12];
    });
    return { rows, columns, values: output };
  }

  /** Returns the corners of the convex hull of the pixels that are not 0. */
  function hull({ rows, columns, values }) {
    const points = [];
    for (let row = 0; row < rows; row++) {
      const line = values.subarray(row * columns, (row + 1) * columns);
      const [first, last] = [line.findIndex(Boolean), line.findLastIndex(Boolean)];
      if (first >= 0) points.push([first, row], [last, row]);
    }
    const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    const chain = (all) => all.reduce((kept, point) => {
      while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), point) <= 0) kept.pop();
      kept.push(point);
      return kept;
    }, []).slice(0, -1);
    points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return [...chain(points), ...chain(points.reverse())];
  }

  function area(corners) {
    return abs(corners.reduce((sum, [x, y], i) => {
      const [right, down] = corners[(i + 1) % corners.length];
      return sum + x * down - y * right;
    }, 0)) / 2;
  }

  /** Returns the sides of the smallest rectangle around corners, in any direction. */
  function rectangle(corners) {
    const around = corners.map(([x, y], i) => {
      const [right, down] = corners[(i + 1) % corners.length];
      const length = Math.hypot(right - x, down - y) || 1;
      const [across, along] = [(right - x) / length, (down - y) / length];
      const extent = (project) => {
        const all = corners.map(project);
        return max(...all) - min(...all);
      };
      const beside = ([a, b]) => b * across - a * along;
      return [extent(([a, b]) => a * across + b * along), extent(beside)];
    });
    return around.reduce((best, sides) =>
      (sides[0] * sides[1] < best[0] * best[1] ? sides : best), around[0] ?? [0, 0]);
  }

  /** Returns how far the innermost pixel is from where there is nothing. */
  function breadth({ rows, columns, values }) {
    const wide = columns + 2;
    const far = new Float32Array((rows + 2) * wide);
    values.forEach((value, i) => {
      if (value) far[(floor(i / columns) + 1) * wide + (i % columns) + 1] = 1e9;
    });
    const [straight, slanted] = [0.955, 1.3693];
    const look = (i, side) => {
      const next = min(far[i - side] + straight, far[i - side * wide] + straight,
        far[i - side * (wide + 1)] + slanted, far[i - side * (wide - 1)] + slanted);
      if (next < far[i]) far[i] = next;
    };
    for (let i = 0; i < far.length; i++) if (far[i]) look(i, 1);
    for (let i = far.length - 1; i >= 0; i--) if (far[i]) look(i, -1);
    return far.reduce((most, value) => max(most, value), 0);
  }

  return {
    like, bytes, counts, otsu, percentile, dilate, erode, close, open, components, LINEAR, CUBIC,
    resize, stretched, products, gaussian, weighted, blur, median, hull, area, rectangle, breadth,
  };
})();
