"use strict";
// From the pixels of a picture to the digits in it: mnist_tool/reading/prepare.py.

const Prepare = (() => {
  const SAME = 0.7; // of what two ways find together, that both find: then they find the same
  const FULL = 75; // percentile of a digit's ink, that counts as full
  const EDGE = 150; // so many times a stroke's soft edge fits into the picture
  const [FILLED, DOTS] = [0.65, 4]; // of its box, that a dot fills; dots in a dotted stroke
  const JOIN = 1.5; // logarithm of a probability: what one digit across a gap has to gain

  /** Returns the size of the dots, if at least half of the parts are some: a dotted stroke. */
  function dotted(parts) {
    const sides = parts.map(({ left, right, top, bottom, area }) =>
      ({ area, wide: right - left, high: bottom - top }));
    const dots = sides.filter(({ area, wide, high }) =>
      area >= FILLED * wide * high && Math.max(wide, high) <= 1.5 * Math.min(wide, high))
      .map(({ wide, high }) => Math.max(wide, high)).sort((a, b) => a - b);
    if (dots.length < Math.max(DOTS, parts.length / 2)) return 0;
    const half = dots.length / 2;
    return Math.floor((dots[Math.floor(half)] + dots[Math.ceil(half) - 1]) / 2);
  }

  /** Stretches the levels: the paper's noise becomes 0, full ink 255, the edges stay soft. */
  function levels(ink, { rows, columns, labels, parts }) {
    const own = new Set(parts.map(({ label }) => label));
    const inked = Uint8Array.from(labels, (label) => (own.has(label) ? 1 : 0));
    const reach = 1 + Math.floor(Math.max(rows, columns) / EDGE);
    const window = 2 * reach + 1;
    const near = Pixels.dilate({ rows, columns, values: inked }, window, window).values;
    const strong = Uint8Array.from(ink.strength.filter((_, i) => inked[i]));
    const full = Pixels.percentile(Pixels.counts(strong), FULL);
    const stretch = 255 / Math.max(1, full - ink.noise);
    const values = Uint8Array.from(ink.strength, (value, i) =>
      (near[i] ? Math.min(255, Math.max(0, (value - ink.noise) * stretch)) : 0));
    let found = { rows, columns, values };
    const dot = dotted(parts);
    if (dot) found = Pixels.close(found, Preprocess.round(1.5 * dot), Preprocess.round(1.5 * dot));
    inked.forEach((is, i) => {
      if (is) found.values[i] = Math.max(found.values[i], Preprocess.FAINT + 1);
    });
    return { ink: found, dotted: dot > 0 };
  }

  /** Reads ink as one digit or as several, whichever is likelier: {ink, images, score}, or null. */
  function read(found) {
    const parts = Parts.find(found);
    if (!parts.parts.length) return null;
    const { ink, dotted: one } = levels(found, parts);
    const whole = [Preprocess.image(ink)];
    const apart = one ? whole : Reader.images({ given: () => ({ ink }) });
    const score = (images) => images.reduce((sum, image) =>
      sum + Math.log(Math.max(1e-6, ...Reader.recognise(image).chances)), 0);
    const together = score(whole) - JOIN * (apart.length - 1);
    const single = score(apart);
    return single > together
      ? { ink, images: apart, score: single } : { ink, images: whole, score: together };
  }

  /** Returns what is read in the pixels of a picture: {ink, images}, or null for an empty one. */
  function prepare(pixels) {
    const grey = Greying.grey(pixels);
    const ink = Ink.find(grey);
    const usual = read(ink);
    if (!ink.uneven) return usual;
    const fine = Ink.find(grey, Ink.FINE_PEN);
    let [both, either] = [0, 0];
    ink.mask.forEach((is, i) => {
      both += is && fine.mask[i];
      either += is || fine.mask[i];
    });
    const other = both < SAME * either ? read(fine) : null;
    return !usual || (other && other.score > usual.score) ? other : usual;
  }

  return { prepare };
})();
