"use strict";
// A game for a class: draw a 7 that it takes for a 1. It also counts what was read right.

const Game = (() => {
  const { text } = Texts;
  const { byId, on } = View;
  let round = 0;
  let won = false;
  const score = { right: 0, total: 0 };

  /** The first is the one of the lecture hall, the others are what the model itself confuses. */
  function challenges() {
    const found = Content.examples.filter(({ label, read }) => label !== read)
      .map(({ label, read }) => [label, read]);
    return [[7, 1], ...found];
  }

  function names() {
    const all = challenges();
    const [drawn, taken] = all[round % all.length];
    return { drawn: Content.classes[drawn], taken: Content.classes[taken], number: taken };
  }

  function tell() {
    byId("challenge").textContent = text("challenge", names());
    byId("won").textContent = won ? text("won", names()) : "";
    byId("score").textContent = score.total ? text("score", score) : text("noScore");
  }

  /** Looks whether what is read is what the challenge asks for. */
  function show(readings) {
    won = readings.length === 1 && readings[0].best === names().number && readings[0].sure;
    for (const id of ["was-right", "was-wrong"]) byId(id).disabled = !readings.length;
    tell();
  }

  /** Counts a drawing, and makes room for the next. */
  function count(right, clear) {
    score.total++;
    score.right += right;
    clear();
    tell();
  }

  function listen(clear) {
    on(byId("was-right"), "click", () => count(1, clear));
    on(byId("was-wrong"), "click", () => count(0, clear));
    on(byId("another"), "click", () => {
      round++;
      clear();
      tell();
    });
  }

  return { listen, show, tell };
})();
