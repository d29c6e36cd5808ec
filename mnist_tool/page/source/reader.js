"use strict";
// From ink to what it is read as: finds the digits that stand side by side, and asks the network.

const Reader = (() => {
  const CELL = 4; // pixels of ink that are looked at together, to find what hangs together
  const UNDER = 0.4; // so much of the narrower part stands under the other: both are of one digit
  const SMALL = 0.4; // of the tallest part; lower ones belong to their neighbour
  const SPECK = 0.03; // of the largest part of a picture; smaller ones are dirt
  const BESIDE = 0.5; // of the same; smaller ones at the border are what lies beside the paper
  const SURE = 0.3; // by so much the likeliest digit leads, or the reader is not sure

  /** Finds what hangs together: [{cells, left, right, top, bottom}]. */
  function parts(ink) {
    const rows = Math.ceil(ink.rows / CELL);
    const columns = Math.ceil(ink.columns / CELL);
    const inked = new Uint8Array(rows * columns);
    for (let row = 0, i = 0; row < ink.rows; row++) {
      const line = Math.floor(row / CELL) * columns;
      for (let column = 0; column < ink.columns; column++, i++) {
        if (ink.values[i] > Preprocess.FAINT) inked[line + Math.floor(column / CELL)] = 1;
      }
    }
    const found = [];
    for (let start = 0; start < inked.length; start++) {
      if (inked[start]) found.push(grown(inked, rows, columns, start));
    }
    return found;
  }

  /** Takes what hangs together with one cell out of the inked ones. */
  function grown(inked, rows, columns, start) {
    const part = { cells: [start], left: columns, right: -1, top: rows, bottom: -1 };
    inked[start] = 0;
    for (const cell of part.cells) { // it grows meanwhile
      const [row, column] = [Math.floor(cell / columns), cell % columns];
      part.left = Math.min(part.left, column);
      part.right = Math.max(part.right, column);
      part.top = Math.min(part.top, row);
      part.bottom = Math.max(part.bottom, row);
      for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
          if (!inked[r * columns + c]) continue;
          inked[r * columns + c] = 0;
          part.cells.push(r * columns + c);
        }
      }
    }
    return part;
  }

  const width = (part) => part.right - part.left + 1;
  const height = (part) => part.bottom - part.top + 1;
  const shared = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) + 1;

  function joined(a, b) {
    return {
      cells: [...a.cells, ...b.cells],
      left: Math.min(a.left, b.left),
      right: Math.max(a.right, b.right),
      top: Math.min(a.top, b.top),
      bottom: Math.max(a.bottom, b.bottom),
    };
  }

  /** Joins the parts of each digit; returns the digits from left to right. */
  function digits(found) {
    let groups = [];
    for (const part of [...found].sort((a, b) => width(b) - width(a))) {
      const i = groups.findIndex((group) => shared(group, part) > UNDER * width(part));
      if (i < 0) groups.push(part);
      else groups[i] = joined(groups[i], part);
    }
    const tallest = Math.max(...groups.map(height));
    const tall = groups.filter((group) => height(group) >= SMALL * tallest);
    for (const part of groups.filter((group) => !tall.includes(group))) {
      const nearest = tall.reduce((a, b) => (shared(b, part) > shared(a, part) ? b : a));
      tall[tall.indexOf(nearest)] = joined(nearest, part);
    }
    return [...tall].sort((a, b) => a.left - b.left);
  }

  /** Returns the ink of one digit alone. */
  function alone(ink, { cells }) {
    const values = new Uint8Array(ink.values.length);
    const across = Math.ceil(ink.columns / CELL);
    for (const cell of cells) {
      const top = Math.floor(cell / across) * CELL;
      const left = (cell % across) * CELL;
      for (let row = top; row < Math.min(ink.rows, top + CELL); row++) {
        const from = row * ink.columns + left;
        values.set(ink.values.subarray(from, from + Math.min(CELL, ink.columns - left)), from);
      }
    }
    return { ...ink, values };
  }

  /** Returns the ink without dirt: specks, and smaller things that reach in over the border. */
  function cleaned(ink) {
    const found = parts(ink);
    if (!found.length) return ink;
    const most = Math.max(...found.map(({ cells }) => cells.length));
    const [right, bottom] = [ink.columns, ink.rows].map((length) => Math.ceil(length / CELL) - 1);
    const kept = found.filter((part) => {
      const out = !part.left || !part.top || part.right === right || part.bottom === bottom;
      return part.cells.length >= (out ? BESIDE : SPECK) * most;
    });
    return alone(ink, kept.reduce(joined));
  }

  /** Returns the images of 28 x 28 in what a drawing gives, from left to right. */
  function images(given) {
    if (given?.image) return [given.image];
    if (!given || !Preprocess.box(given.ink, Preprocess.FAINT)) return [];
    const groups = digits(parts(given.ink));
    const each = groups.length === 1
      ? [given.ink] : groups.map((group) => alone(given.ink, group));
    return each.map(Preprocess.image);
  }

  /** Returns what the network takes an image for: the likeliest classes come first in `ranking`. */
  function recognise(image) {
    const logits = Network.logits(Content.network, image);
    const chances = Network.softmax(logits);
    const ranking = chances.map((_, i) => i).sort((a, b) => chances[b] - chances[a]);
    const sure = chances[ranking[0]] - chances[ranking[1]] >= SURE;
    return { image, logits, chances, ranking, best: ranking[0], sure };
  }

  const answer = (given) => images(given).map(recognise);

  return {
    recognise,
    cleaned,
    answer,
    images: (drawing) => images(drawing.given()),
    read: (drawing) => answer(drawing.given()),
  };
})();
