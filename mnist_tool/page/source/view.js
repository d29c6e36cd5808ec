"use strict";
// Shows what the reader found: a sentence, ten bars, the images that the model saw.

const View = (() => {
  const { text } = Texts;
  const byId = (id) => document.getElementById(id);
  const on = (node, type, hear) => node.addEventListener(type, hear);
  const percent = (share) => `${(100 * share).toFixed(share > 0.9995 || share === 0 ? 0 : 1)} %`;
  const PAUSE = 600; // milliseconds without a stroke, before the sentence is spoken
  const rows = [];
  let spoken = 0;
  let chosen = 0;
  let shown = null; // the images for which there are thumbnails

  function make(tag, attributes = {}, text = "") {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.textContent = text;
    return node;
  }

  /** Paints bytes as grey pixels: white ink on black. */
  function paintImage(canvas, values, side = 28) {
    [canvas.width, canvas.height] = [side, side];
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(side, side);
    values.forEach((value, i) => pixels.data.set([value, value, value, 255], 4 * i));
    context.putImageData(pixels, 0, 0);
  }

  function makeBars() {
    for (const name of Content.classes) {
      const row = make("li");
      const bar = make("span", { class: "bar", "aria-hidden": "true" });
      const fill = bar.appendChild(make("span"));
      const share = make("span", { class: "share" });
      row.append(make("span", { class: "class" }, name), bar, share);
      byId("bars").append(row);
      rows.push({ row, fill, share });
    }
  }

  function showBars(reading) {
    rows.forEach(({ row, fill, share }, i) => {
      const chance = reading ? reading.chances[i] : 0;
      fill.style.width = `${100 * chance}%`;
      share.textContent = reading ? percent(chance) : "–";
      row.classList.toggle("best", reading?.best === i);
    });
  }

  function sentence(readings) {
    const name = (i) => Content.classes[i];
    if (!readings.length) return text("nothing");
    const [only] = readings;
    if (readings.length === 1 && !only.sure) {
      const [first, second] = only.ranking;
      return text("unsure", { first: name(first), second: name(second) });
    }
    return text("reads", { digits: readings.map(({ best }) => name(best)).join(" ") });
  }

  /** Makes a button for each image, where there are others than before. */
  function showImages(readings, choose) {
    const place = byId("seen");
    const same = shown?.length === readings.length;
    if (!same) place.replaceChildren(...readings.map(() => {
      const button = make("button", { type: "button", class: "image" });
      button.append(make("canvas", { "aria-hidden": "true" }));
      return button;
    }));
    shown = readings.map(({ image }) => image);
    [...place.children].forEach((button, i) => {
      const digit = Content.classes[readings[i].best];
      const names = { place: i + 1, count: readings.length, digit };
      button.setAttribute("aria-label", text("choose", names));
      button.setAttribute("aria-pressed", String(i === chosen));
      button.onclick = () => choose(i);
      paintImage(button.firstChild, readings[i].image);
    });
    byId("images").hidden = !readings.length;
  }

  /** Shows readings; the bars are those of the chosen one, by default the last. */
  function show(readings, wanted = readings.length - 1) {
    chosen = wanted;
    showBars(readings[chosen]);
    showImages(readings, (i) => show(readings, i));
    byId("sentence").textContent = sentence(readings);
    speak(sentence(readings));
    Inside.show(readings[chosen]);
  }

  /** Lets a screen reader say a sentence, when it has been the same for a while. */
  function speak(words) {
    clearTimeout(spoken);
    spoken = setTimeout(() => { byId("spoken").textContent = words; }, PAUSE);
  }

  function showModel() {
    const { run } = Content;
    const share = (value) => value.toFixed(4);
    const [low, high] = run.interval.map(share);
    const total = run.total.toLocaleString(Texts.language);
    const numbers = { accuracy: share(run.accuracy), low, high, total };
    const facts = {
      run: run.name,
      recipe: `${run.recipe}: ${run.title}`,
      parameters: run.parameters.toLocaleString(Texts.language),
      accuracy: text("interval", numbers),
      trained: run.date,
      data: run.data,
    };
    byId("facts").replaceChildren(...Object.entries(facts).flatMap(([key, value]) =>
      [make("dt", {}, text(key)), make("dd", {}, value)]));
  }

  return { byId, on, make, makeBars, paintImage, percent, show, showModel };
})();
