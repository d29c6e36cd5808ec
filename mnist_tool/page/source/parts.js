"use strict";
// The parts of the ink that hang together, without lines of the paper, frames and dirt:
// mnist_tool/reading/parts.py and frames.py, step by step; only what touches a frame is left out
// with it, and blocks and what marks.py leaves out stay.

const Parts = (() => {
  const { abs, floor, max, min } = Math;
  // All shares are of the picture's longer side, unless that file says otherwise.
  const PIECE = 1 / 14;
  const ACROSS = 0.9;
  const FINE = 0.022;
  const BROADER = 0.3;
  const [BESIDE, TIE, STEEP, ALONE, LONG] = [1, 0.01, 0.1, 0.2, 1.5];
  const SPECK = 0.02;
  const SHORT = 0.2;
  const APART = 0.06;
  const [NEAR, MOSTLY] = [0.09, 0.85];
  const RUNS = 0.8;
  const SEEN = 0.1;
  const LARGE = 0.36;
  const SQUARE = 0.86;
  const HOLLOW = 0.3;
  const [INSIDE, ROUND, WITHIN] = [0.2, 0.55, 0.3];
  const SLENDER = 11;
  const [LONGER, FINER] = [1.8, 0.45];
  const ONE = 4;
  const [DIGIT, AWAY, OWN] = [0.45, 0.25, 1.5];
  const MOST = 400;

  const width = (part) => part.right - part.left;
  const height = (part) => part.bottom - part.top;
  const length = (part) => max(width(part), height(part));
  const sum = (values) => values.reduce((a, b) => a + b, 0);

  function touches(part, { rows, columns }) {
    return (part.left <= 0) + (part.top <= 0) + (part.right >= columns) + (part.bottom >= rows);
  }

  function distance(a, b) {
    const across = max(a.left, b.left) - min(a.right, b.right);
    return max(0, across, max(a.top, b.top) - min(a.bottom, b.bottom));
  }

  /** Cuts a part out of the labels: 1 where it is. */
  function own({ columns, labels }, part) {
    const values = new Uint8Array(width(part) * height(part));
    values.forEach((_, i) => {
      const row = part.top + floor(i / width(part));
      values[i] = labels[row * columns + part.left + (i % width(part))] === part.label ? 1 : 0;
    });
    return { rows: height(part), columns: width(part), values };
  }

  const median = (values) => {
    const ordered = [...values].sort((a, b) => a - b);
    const half = ordered.length >> 1;
    return ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2;
  };

  /** Counts the columns that have ink. */
  function crossed({ columns, values }) {
    const found = new Uint8Array(columns);
    values.forEach((value, i) => { if (value) found[i % columns] = 1; });
    return sum(found);
  }

  /** Returns the parabola that fits points best: least squares by elimination. */
  function bow(points, side) {
    const lines = [0, 1, 2].map((i) => [0, 1, 2, 3].map((j) =>
      sum(points.map(([x, y]) => (x / side) ** (i + j % 3) * (j < 3 ? 1 : y)))));
    for (let i = 0; i < 3; i++) {
      lines.forEach((line, k) => {
        const by = k === i ? 0 : line[i] / lines[i][i];
        lines[k] = line.map((value, j) => value - by * lines[i][j]);
      });
    }
    const [a, b, c] = lines.map((line, i) => line[3] / line[i]);
    return (x) => a + (b + (c * x) / side) * (x / side);
  }

  /** Returns the topmost line as it runs beside the bars that touch it, and how thick it is. */
  function topLine({ rows, columns, values }) {
    const spans = [...Array(columns).keys()].map((x) => {
      const ink = (row) => row < rows && values[row * columns + x];
      let first = 0;
      while (first < rows && !ink(first)) first++;
      let last = first;
      while (ink(last)) last++;
      return { x, high: last - first, at: (first + last - 1) / 2 };
    }).filter(({ high }) => high);
    const thick = median(spans.map(({ high }) => high));
    const start = median(spans.map(({ at }) => at));
    let line = () => start;
    for (const away of [STEEP * columns, thick]) {
      const near = spans.filter(({ x, high, at }) =>
        abs(high - thick) <= 1 && abs(at - line(x)) <= away + TIE);
      if (near.length < ALONE * columns) return [() => false, thick];
      line = bow(near.map(({ x, at }) => [x, at]), columns);
    }
    return [(i) => abs(floor(i / columns) - line(i % columns)) <=
      thick / 2 - 1 + BESIDE + TIE, thick];
  }

  /** Returns where lines run from the left border to the right, and how thick each is. */
  function rules(mask, side) {
    const [piece, fine] = [Preprocess.round(PIECE * side), Preprocess.round(FINE * side)];
    const where = new Uint8Array(mask.values.length);
    const { rows, columns } = mask;
    const long = Pixels.open(Pixels.dilate(mask, 3, 1), 1, piece);
    if (crossed(long) < (ACROSS / 2) * columns) return [where, []];
    const wide = Preprocess.cut(long, 0, -piece, rows, columns + 2 * piece);
    const joined = Preprocess.cut(Pixels.close(wide, 1, piece), 0, piece, rows, columns);
    const [labels, parts] = Pixels.components(joined);
    const found = [];
    for (const { label } of parts.filter((part) => width(part) >= ACROSS * columns)) {
      const one = Pixels.like(mask, Pixels.bytes(labels, (each) => (each === label ? 1 : 0)));
      while (crossed(one) >= ACROSS * columns) {
        const [line, thick] = topLine(one);
        const both = Pixels.bytes(one.values, (value, i) => (value && line(i) ? 1 : 0));
        if (thick > fine + 2 || crossed(Pixels.like(mask, both)) < ACROSS * columns) break;
        where.forEach((_, i) => { if (line(i)) [where[i], one.values[i]] = [1, 0]; });
        found.push(thick - 2);
      }
    }
    return [where, found];
  }

  /** Takes away the lines of ruled and squared paper, not the strokes that cross them. */
  function withoutRules(mask) {
    const { rows, columns } = mask;
    const side = max(rows, columns);
    const [lying, thick] = rules(mask, side);
    const [turned, more] = rules(Preprocess.turned(mask), side);
    const standing = Preprocess.turned({ rows: columns, columns: rows, values: turned }).values;
    const found = [...thick, ...more];
    if (!found.length || (found.length < 2 && side < LONG * min(rows, columns))) return mask;
    const keep = (is) => Pixels.like(mask, mask.values.map((value, i) => (value && is(i) ? 1 : 0)));
    const left = keep((i) => !lying[i] && !standing[i]);
    const pen = Preprocess.round(median(found)) + 2;
    const strokes = Pixels.open(mask, pen, pen);
    if (found.length > 2 && side < LONG * min(rows, columns) &&
        sum(strokes.values) > BROADER * sum(left.values)) {
      const near = Pixels.dilate(strokes, 3, 3).values;
      return keep((i) => near[i]);
    }
    const beside = 2 * BESIDE + 1;
    const reach = 2 * Preprocess.round(median(found) / 2) + beside + 2;
    const ink = (turn) => {
      const [far, near] = [reach, beside].map((size) => (turn ? [1, size] : [size, 1]));
      const over = Pixels.close(left, ...far).values;
      const ends = Pixels.dilate(Pixels.open(left, ...near), ...near).values;
      return (i) => over[i] || ends[i];
    };
    const [down, along] = [ink(0), ink(1)];
    return keep((i) => left.values[i] || (lying[i] && down(i)) || (standing[i] && along(i)));
  }

  function withoutFrames(found, parts) {
    const isFrame = (part) => {
      const within = parts.filter((other) => other.left > part.left && other.right < part.right &&
        other.top > part.top && other.bottom < part.bottom);
      const [tallest, box] = [max(0, ...within.map(height)), width(part) * height(part)];
      if (tallest < INSIDE * height(part) || part.area > HOLLOW * box) return false;
      const ink = own(found, part);
      const enclosed = sum(Ink.filled(ink).values) - part.area;
      if (tallest >= WITHIN * height(part) && enclosed >= ROUND * box) return true;
      const hull = Pixels.hull(ink);
      const [wide, high] = Pixels.rectangle(hull);
      return Pixels.area(hull) >= SQUARE * wide * high;
    };
    return parts.filter((part) => !isFrame(part));
  }

  /** Leaves out what hangs over the border, beside what does not, if that may be a digit. */
  function withoutOverhang(found, parts) {
    const side = max(found.rows, found.columns);
    const inside = parts.filter((part) => !touches(part, found));
    const tallest = max(0, ...inside.map(length));
    if (tallest < SEEN * side) return parts;
    const kept = inside.filter((part) => length(part) >= SEEN * side);
    const near = (part) => min(...kept.map((other) => distance(part, other))) < APART * side;
    const runs = (part) =>
      width(part) >= RUNS * found.columns || height(part) >= RUNS * found.rows;
    return [...inside, ...parts.filter((part) => touches(part, found) && near(part) &&
      !(runs(part) && isForm(found, part, tallest)))];
  }

  /** Tells whether it is what is left of a form's lines: near the borders, or along two of them. */
  function isForm(found, part, tallest) {
    const { rows, columns, labels } = found;
    const side = max(rows, columns);
    const margin = Preprocess.round(NEAR * side);
    let within = 0;
    for (let row = margin; row < rows - margin; row++) {
      for (let column = margin; column < columns - margin; column++) {
        within += labels[row * columns + column] === part.label;
      }
    }
    const corner = tallest >= LARGE * side && touches(part, found) > 1;
    return corner || within < (1 - MOSTLY) * part.area;
  }

  function withoutSpecks(_, parts) {
    if (!parts.length) return parts;
    const largest = parts.reduce((a, b) => (b.area > a.area ? b : a));
    const long = SHORT * length(largest);
    return parts.filter((part) => part.area >= SPECK * largest.area || length(part) >= long);
  }

  /** Leaves out straight lines that are finer than the pen or longer than the rest is tall. */
  function withoutLines(found, parts) {
    const isLine = (part) => {
      if (part.area > length(part) ** 2 / SLENDER) return false;
      const sides = Pixels.rectangle(Pixels.hull(own(found, part)));
      return max(...sides) + 1 >= SLENDER * (min(...sides) + 1);
    };
    const lines = parts.filter(isLine);
    const rest = parts.filter((part) => !lines.includes(part));
    if (!lines.length || !rest.length) return parts;
    const breadth = (part) => Pixels.breadth(own(found, part));
    const pen = max(...rest.map(breadth));
    const tall = max(...rest.map(length));
    const isOne = (line) => height(line) > ONE * tall && !touches(line, found);
    if (lines.some(isOne)) return parts; // all else is too small to be a digit
    return parts.filter((part) => !lines.includes(part) ||
      (length(part) <= LONGER * tall && breadth(part) >= FINER * pen));
  }

  /** Leaves out small parts that lie far from all digits: holes, buttons, other writing. */
  function withoutStrays(_, parts) {
    const tallest = max(...parts.map(height));
    const kept = new Set(parts.filter((part) => height(part) >= DIGIT * tallest));
    const longest = max(...[...kept].map(length));
    kept.forEach((part) => parts.forEach((other) => { // also those that are added meanwhile
      const near = min(AWAY * longest, OWN * length(other));
      if (distance(part, other) <= near) kept.add(other);
    }));
    return parts.filter((part) => kept.has(part));
  }

  /** Returns {rows, columns, labels, parts}. */
  function find(ink) {
    const { rows, columns } = ink;
    const side = max(rows, columns);
    let mask = { rows, columns, values: ink.mask };
    if (ink.scale === 1 && side > 2 * Ink.PHOTO) mask = withoutRules(mask);
    const [labels, all] = Pixels.components(mask);
    const largest = [...all].sort((a, b) => b.area - a.area).slice(0, MOST);
    const found = { rows, columns, labels };
    const clear = [withoutFrames, withoutOverhang, withoutSpecks, withoutLines, withoutStrays];
    const parts = clear.reduce((left, step) => step(found, left),
      all.filter((part) => largest.includes(part)));
    return { ...found, parts };
  }

  return { find, width, height, length, median };
})();
