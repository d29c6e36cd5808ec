"use strict";
// Test images to click on, and the mistakes of which the model is surest.

const Examples = (() => {
  const { on } = View;
  const SIDE = 280; // of an image that is laid on the drawing

  function caption({ label, read }) {
    const name = (i) => Content.classes[i];
    return label === read ? name(label) : `${name(label)} → ${name(read)}`;
  }

  /** Lays an image in the middle; the network sees it as it is in the data. */
  function lay(drawing, image) {
    const [left, top] = [(Drawing.COLUMNS - SIDE) / 2, (Drawing.ROWS - SIDE) / 2];
    drawing.replace({ rows: 28, columns: 28, values: image }, [left, top, SIDE, SIDE], [image]);
  }

  function button(example, choose) {
    const made = View.make("button", { type: "button", class: "image" });
    const canvas = View.make("canvas", { "aria-hidden": "true" });
    View.paintImage(canvas, example.image);
    made.append(canvas, View.make("span", {}, caption(example)));
    on(made, "click", () => choose(example.image));
    return made;
  }

  function make(choose) {
    for (const example of Content.examples) {
      const place = View.byId(example.label === example.read ? "right" : "mistakes");
      place.append(button(example, choose));
    }
    View.byId("of-mistakes").hidden = !View.byId("mistakes").children.length;
  }

  /** Says in words what each image is. */
  function label() {
    const sorted = ["right", "mistakes"].flatMap((id) => [...View.byId(id).children]);
    const right = (example) => example.label === example.read;
    const all = [...Content.examples.filter(right), ...Content.examples.filter((e) => !right(e))];
    sorted.forEach((node, i) => {
      const { index, label: truth, read } = all[i];
      const [is, seems] = [Content.classes[truth], Content.classes[read]];
      const names = { caption: caption(all[i]), index, label: is, read: seems };
      const words = Texts.text("example", names);
      node.setAttribute("aria-label", words);
      node.title = words;
    });
  }

  return { make, label, lay };
})();
