"use strict";
// From a picture file to the digits in it: mnist_tool/reading/prepare.py.

const Prepare = (() => {
  const SAME = 0.7; // of what two ways find together, that both find: then they find the same
  const FULL = 75; // percentile of a digit's ink, that counts as full

  const float = Math.fround; // to 32 bits, as numpy calculates

  /** Stretches the levels: the paper's noise becomes 0, full ink 255, the edges stay soft. */
  function stretched({ strength, noise }, layout) {
    const { rows, columns, pieces, dot } = layout;
    const inked = Pixels.bytes(pieces, (piece) => (piece ? 1 : 0));
    const window = 2 * Layout.reach(layout) + 1;
    const near = Pixels.dilate({ rows, columns, values: inked }, window, window).values;
    const strong = Uint8Array.from(strength.filter((_, i) => inked[i]));
    const full = Pixels.percentile(Pixels.counts(strong), FULL);
    const stretch = float(255 / Math.max(1, full - noise));
    const values = new Uint8Array(strength.length);
    strength.forEach((value, i) => {
      if (near[i]) values[i] = Math.min(255, Math.max(0, float(float(value - noise) * stretch)));
    });
    let ink = { rows, columns, values };
    if (dot) ink = Pixels.close(ink, Preprocess.round(2.5 * dot), Preprocess.round(2.5 * dot));
    inked.forEach((is, i) => {
      if (is) ink.values[i] = Math.max(ink.values[i], Preprocess.FAINT + 1);
    });
    return ink;
  }

  /** Reads what was found as one digit or as several: {ink, readings, score}, or null. */
  function read(found) {
    const parts = Parts.find(found);
    if (!parts.parts.length) return null;
    const layout = Layout.layOut(parts);
    const ink = stretched(found, layout);
    return { ink, ...Reader.choose(ink, layout) };
  }

  /** Returns what is read in an opened picture, as `read` does; null for an empty one. */
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

  /** Reads a picture file: {ink, images}, or {told}, the key of what is wrong with it. */
  async function take(file) {
    try {
      const pixels = await Greying.open(file);
      if (!pixels) return { told: "tooLarge" };
      const found = prepare(pixels);
      if (!found) return { told: "noInk" };
      return { ink: found.ink, images: found.readings.map(({ image }) => image) };
    } catch {
      return { told: "noPicture" };
    }
  }

  return { take };
})();
