"use strict";
// What is done with the pixels of a picture: {rows, columns, values}. Each does what OpenCV does
// under the same name, for mnist_tool/reading calls that.

const Pixels = (() => {
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

  /** Returns the largest, or the least, of the `size` neighbours of each pixel along its row. */
  function alongRows({ rows, columns, values }, size, largest) {
    const output = new Uint8Array(values.length);
    const before = Math.floor(size / 2);
    for (let row = 0; row < rows; row++) {
      const line = row * columns;
      for (let column = 0; column < columns; column++) {
        const stop = Math.min(columns, column - before + size);
        let kept = largest ? 0 : 255;
        for (let i = Math.max(0, column - before); i < stop; i++) {
          const value = values[line + i];
          if (largest ? value > kept : value < kept) kept = value;
        }
        output[line + column] = kept;
      }
    }
    return { rows, columns, values: output };
  }

  function extreme(picture, high, wide, largest) {
    const { turned } = Preprocess;
    return turned(alongRows(turned(alongRows(picture, wide, largest)), high, largest));
  }

  const dilate = (picture, high, wide) => extreme(picture, high, wide, true);
  const erode = (picture, high, wide) => extreme(picture, high, wide, false);
  const close = (picture, high, wide) => erode(dilate(picture, high, wide), high, wide);
  const open = (picture, high, wide) => dilate(erode(picture, high, wide), high, wide);

  /** Numbers what hangs together, diagonal neighbours included: [labels, parts]. */
  function components({ rows, columns, values }) {
    const labels = new Int32Array(values.length);
    const parts = [];
    for (let start = 0; start < values.length; start++) {
      if (!values[start] || labels[start]) continue;
      const label = parts.length + 1;
      const [x, y] = [start % columns, Math.floor(start / columns)];
      const part = { label, left: x, top: y, right: x + 1, bottom: y + 1, area: 0 };
      const stack = [start];
      labels[start] = label;
      while (stack.length) {
        const at = stack.pop();
        const [column, row] = [at % columns, Math.floor(at / columns)];
        part.area++;
        part.left = Math.min(part.left, column);
        part.right = Math.max(part.right, column + 1);
        part.bottom = Math.max(part.bottom, row + 1);
        for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
          for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
            const next = r * columns + c;
            if (!values[next] || labels[next]) continue;
            labels[next] = label;
            stack.push(next);
          }
        }
      }
      parts.push(part);
    }
    return [labels, parts];
  }

  /** Makes each line of `before` numbers one of `size`; `taps` gives [first, weights] for each. */
  function stretched({ rows, columns, values }, size, taps) {
    const output = new Float32Array(rows * size);
    const each = Array.from({ length: size }, (_, i) => taps((i + 0.5) * (columns / size) - 0.5));
    for (let row = 0; row < rows; row++) {
      each.forEach(([first, weights], i) => {
        let sum = 0;
        weights.forEach((weight, j) => {
          const column = Math.min(Math.max(first + j, 0), columns - 1);
          sum += weight * values[row * columns + column];
        });
        output[row * size + i] = sum;
      });
    }
    return { rows, columns: size, values: output };
  }

  function linear(place) {
    const rest = place - Math.floor(place);
    return [Math.floor(place), [1 - rest, rest]];
  }

  function cubic(place) {
    const [a, rest] = [-0.75, place - Math.floor(place)];
    const far = (x) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    const near = (x) => ((a + 2) * x - (a + 3)) * x * x + 1;
    return [Math.floor(place) - 1, [far(rest + 1), near(rest), near(1 - rest), far(2 - rest)]];
  }

  const rounded = (picture) => like(picture, Uint8ClampedArray.from(picture.values));

  /** Makes a picture larger or smaller, with the taps of `linear` or `cubic`. */
  function resize(picture, rows, columns, taps) {
    const { turned } = Preprocess;
    const wide = stretched(picture, columns, taps);
    return rounded(turned(stretched(turned(wide), rows, taps)));
  }

  /** Blurs with a Gaussian of this spread. */
  function blur(picture, spread) {
    const reach = Math.floor(Math.round(6 * spread + 1) / 2);
    const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
      Math.exp(-((i - reach) ** 2) / (2 * spread ** 2)));
    const sum = weights.reduce((a, b) => a + b);
    const taps = (place) => [place - reach, weights.map((weight) => weight / sum)];
    return resize(picture, picture.rows, picture.columns, taps);
  }

  /** Returns the median of the 5 x 5 neighbours of each pixel. */
  function median({ rows, columns, values }) {
    const near = new Uint8Array(25);
    const output = values.map((_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      for (let j = 0; j < 25; j++) {
        const r = Math.min(Math.max(row + Math.floor(j / 5) - 2, 0), rows - 1);
        const c = Math.min(Math.max(column + (j % 5) - 2, 0), columns - 1);
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
    return Math.abs(corners.reduce((sum, [x, y], i) => {
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
        return Math.max(...all) - Math.min(...all);
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
      if (value) far[(Math.floor(i / columns) + 1) * wide + (i % columns) + 1] = 1e9;
    });
    const [straight, slanted] = [0.955, 1.3693];
    const look = (i, side) => {
      const next = Math.min(far[i - side] + straight, far[i - side * wide] + straight,
        far[i - side * (wide + 1)] + slanted, far[i - side * (wide - 1)] + slanted);
      if (next < far[i]) far[i] = next;
    };
    for (let i = 0; i < far.length; i++) if (far[i]) look(i, 1);
    for (let i = far.length - 1; i >= 0; i--) if (far[i]) look(i, -1);
    return far.reduce((most, value) => Math.max(most, value), 0);
  }

  return {
    like, counts, otsu, percentile, dilate, erode, close, open, components, linear, cubic, resize,
    blur, median, hull, area, rectangle, breadth,
  };
})();
