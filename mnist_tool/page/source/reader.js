"use strict";
// From ink to what it is read as: finds the digits that stand side by side, and asks the network.

const Reader = (() => {
  const CELL = 4; // pixels of ink that are looked at together, to find what hangs together
  const UNDER = 0.4; // so much of the narrower part stands under the other: both are of one digit
  const SMALL = 0.4; // of the tallest part; lower ones belong to their neighbour
  const SURE = 0.3; // by so much the likeliest digit leads, or the reader is not sure

  /** Finds what hangs together: its extent, and the numbers that its cells have in `labels`. */
  function parts(ink) {
    const [rows, columns] = [ink.rows, ink.columns].map((length) => Math.ceil(length / CELL));
    const values = new Uint8Array(rows * columns);
    for (let row = 0, i = 0; row < ink.rows; row++) {
      const line = Math.floor(row / CELL) * columns;
      for (let column = 0; column < ink.columns; column++, i++) {
        if (ink.values[i] > Preprocess.FAINT) values[line + Math.floor(column / CELL)] = 1;
      }
    }
    const [labels, found] = Pixels.components({ rows, columns, values });
    return found.map((part) => ({ ...part, own: [part.label], labels }));
  }

  const width = (part) => part.right - part.left;
  const height = (part) => part.bottom - part.top;
  const shared = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);

  function joined(a, b) {
    return {
      ...a,
      own: [...a.own, ...b.own],
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
  function alone(ink, { own, labels }) {
    const across = Math.ceil(ink.columns / CELL);
    const values = ink.values.map((value, i) => {
      const row = Math.floor(i / ink.columns / CELL);
      const cell = row * across + Math.floor((i % ink.columns) / CELL);
      return own.includes(labels[cell]) ? value : 0;
    });
    return { ...ink, values };
  }

  /** Returns the images of 28 x 28 in what a drawing gives, from left to right. */
  function images(given) {
    if (given?.images) return given.images;
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
    answer,
    images: (drawing) => images(drawing.given()),
    read: (drawing) => answer(drawing.given()),
  };
})();
