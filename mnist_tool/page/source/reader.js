"use strict";
// From ink to what it is read as: asks the network for all that may be a digit, and chooses the
// reading that is likeliest as a whole: mnist_tool/reading/predict.py.

const Reader = (() => {
  const [CUT, JOIN] = [0.3, 1.5]; // what a cut, and a digit across a gap, have to gain
  const SURE = 0.3; // by so much the likeliest digit leads, or the reader is not sure

  /** Returns what the network takes an image for: the likeliest classes come first in `ranking`. */
  function recognise(image) {
    const logits = Network.logits(Content.network, image);
    const chances = Network.softmax(logits);
    const ranking = chances.map((_, i) => i).sort((a, b) => chances[b] - chances[a]);
    const sure = chances[ranking[0]] - chances[ranking[1]] >= SURE;
    return { image, logits, chances, ranking, best: ranking[0], sure };
  }

  /** Returns the best way to divide a row into digits: {score, found}. */
  function bestRow(runs) {
    const start = Math.min(...runs.map(({ first }) => first)) - 1;
    const ways = new Map([[start, { score: 0, found: [] }]]);
    for (const run of [...runs].sort((a, b) => a.last - b.last)) {
      const before = ways.get(run.first - 1);
      const score = before.score + run.score - (CUT * run.cuts) / 2 - JOIN * run.joins -
        run.short;
      if (score > (ways.get(run.last)?.score ?? -Infinity)) {
        ways.set(run.last, { score, found: [...before.found, run] });
      }
    }
    return ways.get(Math.max(...ways.keys()));
  }

  /** Reads ink as one digit or as rows of several: {score, readings}. */
  function choose(ink, layout) {
    const images = Layout.images(ink, layout);
    const [whole, ...runs] = layout.candidates.map((candidate, i) => {
      const reading = recognise(images[i]);
      const score = Math.log(Math.max(1e-6, reading.chances[reading.best]));
      return { ...candidate, reading, score };
    });
    const score = whole.score - JOIN * whole.joins;
    const rows = [...new Set(runs.map(({ row }) => row))].map((row) =>
      bestRow(runs.filter((run) => run.row === row)));
    const apart = rows.reduce((sum, row) => sum + row.score, 0);
    if (!rows.length || apart < score) return { score, readings: [whole.reading] };
    return { score: apart, readings: rows.flatMap(({ found }) => found.map((run) => run.reading)) };
  }

  /** Returns what is read in what a drawing gives, in reading order. */
  function answer(given) {
    if (given?.images) return given.images.map(recognise);
    if (!given) return [];
    const [labels, parts] = Pixels.components(given.ink, Preprocess.FAINT);
    if (!parts.length) return [];
    return choose(given.ink, Layout.layOut({ ...given.ink, labels, parts })).readings;
  }

  const read = (drawing) => answer(drawing.given());

  return {
    recognise,
    choose,
    answer,
    read,
    images: (drawing) => read(drawing).map(({ image }) => image),
  };
})();
