"use strict";
// Test images to click on, and the mistakes of which the model is surest.

const Examples = (() => {
  const { byId, make: node, on } = View;
  const SIDE = 280; // of an image that is laid on the drawing
  const made = []; // of each example, with its button

  const name = (i) => Content.classes[i];
  const isRight = ({ label, read }) => label === read;
  const caption = ({ label, read }) => (label === read ? "" : `${name(label)} → `) + name(read);
  const number = ({ index }) => ` № ${index}`;

  /** Lays an image in the middle; the network sees it as it is in the data. */
  function lay(drawing, image) {
    const [left, top] = [(Drawing.COLUMNS - SIDE) / 2, (Drawing.ROWS - SIDE) / 2];
    drawing.replace({ rows: 28, columns: 28, values: image }, [left, top, SIDE, SIDE], [image]);
  }

  function make(choose) {
    for (const example of Content.examples) {
      const button = node("button", { type: "button", class: "image" });
      const canvas = node("canvas", { "aria-hidden": "true" });
      View.paintImage(canvas, example.image);
      const words = [node("span", {}, caption(example)), node("small", {}, number(example))];
      button.append(canvas, ...words);
      on(button, "click", () => choose(example.image));
      byId(isRight(example) ? "right" : "mistakes").append(button);
      made.push([example, button]);
    }
    byId("of-mistakes").hidden = made.every(([example]) => isRight(example));
  }

  /** Says in words what each image is. */
  function label() {
    for (const [example, button] of made) {
      const { index, label: truth, read } = example;
      const shown = caption(example) + number(example); // what is seen is part of what is said
      const names = { caption: shown, index, label: name(truth), read: name(read) };
      button.title = Texts.text("example", names);
      button.setAttribute("aria-label", button.title);
    }
  }

  return { make, label, lay };
})();
