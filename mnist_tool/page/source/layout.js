"use strict";
// Lays ink out in rows of digits: its pieces in reading order, and what may be a digit of them.
// mnist_tool/reading/layout.py, step by step; the numbers are explained there.

const Layout = (() => {
  const { abs, floor, max, min } = Math;
  const { width, height, length, median } = Parts;
  const [LOW, TALL, LEVEL] = [0.45, 0.5, 0.3];
  const [BROKEN, BESIDE, FLUSH] = [0.08, 0.5, 0.75];
  const [WIDE, WIDE_BESIDE, NARROW, CUTS] = [0.95, 0.45, 0.18, 4];
  const [CHEAPEST, SURELY, NARROWER, THIN, THICKER] = [0.6, 1.1, 1.7, 0.2, 3.3];
  const [FULL, DOTS] = [0.65, 4];
  const [GAP, NARROWEST] = [0.12, 0.3];
  const BREAK = 0.03; // no gap where all is one digit, but a stroke that broke
  const [TOGETHER, STRETCH, SHORT] = [4, 1.7, 0.7];
  const EDGE = 150; // so many times a stroke's soft edge fits into the picture

  /** Returns how many pixels the soft edge of a stroke has. */
  const reach = ({ rows, columns }) => 1 + floor(max(rows, columns) / EDGE);

  /** Makes one box of some, with all that is `own` of them. */
  function around(boxes) {
    return {
      own: boxes.flatMap(({ own }) => own),
      left: min(...boxes.map(({ left }) => left)),
      top: min(...boxes.map(({ top }) => top)),
      right: max(...boxes.map(({ right }) => right)),
      bottom: max(...boxes.map(({ bottom }) => bottom)),
    };
  }

  /** Returns the size of the dots, if at least half of the parts are some: a dotted stroke. */
  function dotted(parts) {
    const dots = parts.filter((part) => part.area >= FULL * width(part) * height(part) &&
      length(part) <= 1.5 * min(width(part), height(part)));
    if (dots.length < max(DOTS, parts.length / 2)) return 0;
    return floor(median(dots.map(length)));
  }

  /** Makes one part of those that lie close above each other: a stroke that is broken. */
  function mended(parts) {
    const left = [...parts].sort((a, b) => a.top - b.top);
    const found = [];
    while (left.length) {
      const part = left.shift();
      const next = left.findIndex((other) => {
        const apart = max(part.left, other.left) - min(part.right, other.right);
        const close = BROKEN * (other.bottom - part.top);
        return apart <= close && abs(other.top - part.bottom) <= close;
      });
      if (next < 0) found.push(part);
      else left.unshift(around([part, ...left.splice(next, 1)]));
    }
    return found;
  }

  const middle = (row) =>
    row.reduce((sum, { top, bottom }) => sum + (top + bottom) / 2, 0) / row.length;

  /** Returns how many rows two parts share. */
  const beside = (one, other) => min(one.bottom, other.bottom) - max(one.top, other.top);

  /** Returns how much of the lower of two parts is beside the other. */
  const level = (one, other) => beside(one, other) / min(height(one), height(other));

  /** Returns the one for which a number is largest, the first of those that are equal. */
  const best = (all, number) => all.reduce((a, b) => (number(b) > number(a) ? b : a));

  /** Groups parts into rows, from top to bottom; small parts go to the nearest row. */
  function lines(parts) {
    const tall = (part) => height(part) >= TALL * max(...parts.map(height));
    const rows = [];
    for (const part of parts.filter(tall).sort((a, b) => a.left - b.left)) {
      const share = (row) => level(row.at(-1), part);
      const near = rows.length && best(rows, share);
      if (near && share(near) >= LEVEL) near.push(part);
      else rows.push([part]);
    }
    for (const part of parts.filter((each) => !tall(each))) {
      best(rows, (row) => -abs(middle(row) - middle([part]))).push(part);
    }
    const high = (row) => max(...row.map(height));
    const highest = max(...rows.map(high));
    return rows.filter((row) => high(row) >= LOW * highest).sort((a, b) => middle(a) - middle(b));
  }

  /** Joins parts of a row that lie above each other; returns them from left to right. */
  function atoms(row) {
    const found = [];
    for (const part of [...row].sort((a, b) => a.left - b.left)) {
      const last = found.at(-1);
      if (last && min(last.right, part.right) - max(last.left, part.left) >=
        BESIDE * min(width(last), width(part)) &&
        beside(last, part) < FLUSH * max(height(last), height(part))) {
        found[found.length - 1] = around([last, part]);
      } else found.push(part);
    }
    return found;
  }

  /** Goes through the pixels of some parts in a box: their places, columns and rows in it. */
  function each({ columns, labels }, { own, left, top, right, bottom }, visit) {
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const i = row * columns + column;
        if (labels[i] && own.includes(labels[i])) visit(i, column - left, row - top);
      }
    }
  }

  /** Returns how thick each column's ink is: half of how much there is and how far it reaches. */
  function amounts(found, atom, spread) {
    const [first, last, count] = [1e9, 0, 0].map((start) =>
      new Float64Array(width(atom)).fill(start));
    each(found, atom, (_, column, row) => {
      count[column]++;
      first[column] = min(first[column], row);
      last[column] = max(last[column], row + 1);
    });
    const thick = count.map((ink, i) => (ink + max(0, last[i] - first[i])) / 2);
    const weights = Pixels.gaussian(spread, Math.round(4 * spread));
    return Pixels.weighted({ rows: 1, columns: thick.length, values: thick }, weights).values;
  }

  /**
   * Cuts an atom that is wide where its ink is thinnest; returns its boxes from left to right,
   * each with what the `cut` costs that parts it from the one before.
   */
  function cut(found, atom, high, single) {
    const [wide, tall] = [width(atom), height(atom)];
    if (wide < (single ? WIDE : WIDE_BESIDE) * high || tall < TALL * high) return [atom];
    const amount = amounts(found, atom, high / 30);
    const least = max(2, Preprocess.round(NARROW * high));
    const places = [];
    for (const place of [...amount.keys()].sort((a, b) => amount[a] - amount[b])) {
      if (place >= least && place <= wide - least &&
          places.every((other) => abs(place - other) >= least)) places.push(place);
      if (places.length >= (CUTS * wide) / high / 2) break;
    }
    const ends = [0, ...places.sort((a, b) => a - b), wide];
    const cost = (place) => (single ? 1 : CHEAPEST + max(0,
      NARROWER * (SURELY - wide / tall) + THICKER * (amount[place] / tall - THIN)));
    return ends.slice(1).map((stop, i) => ({ ...atom, left: atom.left + ends[i],
      right: atom.left + stop, cut: i ? cost(ends[i]) : null })).filter((box) => {
      let inked;
      each(found, box, () => { inked = true; });
      return inked;
    });
  }

  /** Counts the gaps, not the cuts, between neighbours that are both tall; narrow ones for less. */
  function gaps(pieces, none) {
    const highest = max(...pieces.map(height));
    return pieces.slice(1).reduce((sum, after, i) => {
      const before = pieces[i];
      if (after.cut != null || min(height(before), height(after)) < TALL * highest) return sum;
      const gap = (after.left - before.right) / highest;
      return gap <= none ? sum : sum + min(1, max(NARROWEST, gap / GAP));
    }, 0);
  }

  /** Returns the runs of neighbouring pieces of a row that are no wider than a digit. */
  function runs(pieces, row) {
    const high = height(around(pieces));
    const tallest = max(...pieces.map(height));
    const found = [];
    pieces.forEach(({ number: first }, start) => {
      for (let stop = start + 1; stop <= min(start + TOGETHER, pieces.length); stop++) {
        const run = pieces.slice(start, stop);
        const box = around(run);
        if (stop - start > 1 && width(box) > STRETCH * high) break;
        const ends = [run[0], pieces[stop]].filter((end) => end?.cut != null);
        const cuts = ends.reduce((sum, end) => sum + end.cut, 0);
        const joins = gaps(run);
        // Half of what hangs together is no digit with its neighbour.
        if (ends.length && joins) continue;
        found.push({ ...box, row, first, last: first + stop - start - 1, cuts, joins,
          short: max(0, SHORT - height(box) / tallest) });
      }
    });
    return found;
  }

  /**
   * Orders parts as they are read, cuts wide ones, and says which may be a digit together:
   * {rows, columns, pieces, candidates, dot}; the first candidate is all of it.
   */
  function layOut(found) {
    const { rows, columns } = found;
    const pieces = new Int32Array(rows * columns);
    const parts = found.parts.map((part) => ({ ...part, own: [part.label] }));
    const whole = { ...around(parts), row: -1, first: 1, cuts: 0, joins: 0 };
    const dot = dotted(parts);
    const mark = (box, number) => each(found, box, (i) => { pieces[i] = number; });
    if (dot) {
      mark(whole, 1);
      return { rows, columns, pieces, candidates: [{ ...whole, last: 1 }], dot };
    }
    let last = 0;
    const divided = lines(mended(parts)).map((row) => {
      const high = height(around(row));
      const all = atoms(row);
      const single = all.filter((atom) => height(atom) >= TALL * high).length < 2;
      return all.flatMap((atom) => cut(found, atom, high, single).map((box) =>
        ({ ...box, number: ++last })));
    });
    divided.flat().forEach((box) => mark(box, box.number));
    const joins = divided.reduce((sum, row) => sum + gaps(row, BREAK), divided.length - 1);
    const candidates = [{ ...whole, last, joins }, ...(last > 1 ? divided.flatMap(runs) : [])];
    return { rows, columns, pieces, candidates, dot };
  }

  /** Returns the ink of one candidate, without that of its neighbours. */
  function alone(ink, { pieces, rows, columns }, candidate) {
    const { left, top, right, bottom, first, last } = candidate;
    const edge = reach(ink);
    const box = [top - edge, left - edge, bottom - top + 2 * edge, right - left + 2 * edge];
    const found = Preprocess.cut(ink, ...box);
    const near = Preprocess.cut({ rows, columns, values: pieces }, ...box);
    const other = (piece) => piece > 0 && (piece < first || piece > last);
    if (!near.values.some(other)) return found;
    const own = Pixels.bytes(near.values, (piece) => (piece && !other(piece) ? 1 : 0));
    const wide = Pixels.dilate(Pixels.like(near, own), 2 * edge + 1, 2 * edge + 1).values;
    return Pixels.like(found, Pixels.bytes(found.values, (value, i) =>
      (wide[i] && !other(near.values[i]) ? value : 0)));
  }

  /** Returns for each candidate its image of 28 x 28. */
  const images = (ink, layout) =>
    layout.candidates.map((candidate) => Preprocess.image(alone(ink, layout, candidate)));

  return { layOut, images, reach };
})();
