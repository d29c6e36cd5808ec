"use strict";
// Looks inside: what each layer makes of the image, and what speaks for and against each class.

const Inside = (() => {
  const { byId, make } = View;
  const { text } = Texts;
  const { abs, ceil, floor, max, min, round } = Math;
  const MOST = 64; // maps of a layer that are shown
  const SHOWN = 56; // pixels on the screen that a map is wide, where there is room
  const FOR = [33, 102, 172];
  const AGAINST = [214, 96, 24];
  const QUIET = ["scale", "affine"]; // steps that show nothing new

  /** Paints numbers as pixels: grey from 0 to the largest, or in two colours around 0. */
  function tile(context, values, columns, left, top, most, signed) {
    const rows = values.length / columns;
    const pixels = context.createImageData(columns, rows);
    values.forEach((value, i) => {
      const level = most ? min(1, abs(value) / most) : 0;
      const colour = !signed ? [255, 255, 255] : value > 0 ? FOR : AGAINST;
      const ground = signed ? 255 : 0;
      const mixed = colour.map((part) => ground + (part - ground) * level);
      pixels.data.set([...mixed, 255], 4 * i);
    });
    context.putImageData(pixels, left, top);
  }

  const largest = (values) => values.reduce((most, value) => max(most, abs(value)), 0);

  /** Makes a figure: maps beside each other, with a line of a pixel between them. */
  function figure(title, maps, rows, columns, across, signed = false) {
    const canvas = make("canvas", { "aria-hidden": "true" });
    canvas.width = across * (columns + 1) - 1;
    canvas.height = ceil(maps.length / across) * (rows + 1) - 1;
    const context = canvas.getContext("2d");
    const most = signed ? max(...maps.map(largest)) : null;
    maps.forEach((map, i) => {
      const [left, top] = [(i % across) * (columns + 1), floor(i / across) * (rows + 1)];
      tile(context, map, columns, left, top, most ?? largest(map), signed);
    });
    canvas.style.width = `${max(canvas.width * max(4, floor(SHOWN / columns)), 160)}px`;
    const made = make("figure");
    made.append(make("figcaption", {}, title), canvas);
    return made;
  }

  function channels({ values, channels: count, rows, columns }) {
    const area = rows * columns;
    return Array.from({ length: count }, (_, i) => values.subarray(i * area, (i + 1) * area));
  }

  /** Shows a layer: each channel as a map, or all its units as one. */
  function layer(state, number) {
    const { kind, rows, columns } = state;
    const names = { number, kind: text(kind), count: state.channels, rows, columns };
    if (rows * columns === 1) {
      const across = ceil(Math.sqrt(state.channels));
      const values = new Float32Array(across * ceil(state.channels / across));
      values.set(state.values.map((value) => max(0, value)));
      return figure(text("units", names), [values], values.length / across, across, 1);
    }
    const maps = channels(state).slice(0, MOST).map((map) => map.map((v) => max(0, v)));
    const across = min(maps.length, (rows > 12 ? 8 : 16) / (innerWidth < 800 ? 2 : 1));
    return figure(text("maps", names), maps, rows, columns, across);
  }

  /** Returns for each class what every place counts for it: the channels of a place together. */
  function evidence(weight, state) {
    const [classes, inputs] = weight.shape;
    const area = state.rows * state.columns;
    const places = area > 1 ? area : inputs;
    return Array.from({ length: classes }, (_, i) => {
      const map = new Float32Array(places);
      for (let j = 0; j < inputs; j++) {
        map[j % places] += state.values[j] * weight.values[i * inputs + j];
      }
      return map;
    });
  }

  /** Shows what speaks for each class, blue, and against it, orange. */
  function reasons(states, network, logits) {
    const state = states.at(-2);
    const maps = evidence(network.steps.at(-1).weight, state);
    const flat = state.rows * state.columns === 1;
    const columns = flat ? ceil(Math.sqrt(maps[0].length)) : state.columns;
    const rows = ceil(maps[0].length / columns);
    const most = max(...maps.map(largest));
    const list = make("ol", { class: "reasons" });
    maps.forEach((map, i) => {
      const padded = new Float32Array(rows * columns);
      padded.set(map);
      const canvas = make("canvas", { "aria-hidden": "true" });
      [canvas.width, canvas.height] = [columns, rows];
      tile(canvas.getContext("2d"), padded, columns, 0, 0, most, true);
      const item = make("li");
      const sum = (round(10 * logits[i]) / 10 + 0).toFixed(1); // + 0 makes 0 of -0
      item.append(canvas, make("span", {}, `${Content.classes[i]}: ${sum}`));
      list.append(item);
    });
    return list;
  }

  /** Shows all of it for what is read, while the details are open. */
  function show(reading) {
    const place = byId("layers");
    if (!byId("inside").open) return;
    if (!reading) {
      place.replaceChildren(make("p", {}, text("nothing")));
      return;
    }
    const { network } = Content;
    const states = Network.trace(network, reading.image);
    const shown = states.slice(1, -1).filter(({ kind }) => !QUIET.includes(kind));
    place.replaceChildren(
      make("h3", {}, text("reasons")),
      make("p", {}, text("explained")),
      reasons(states, network, states.at(-1).values),
      ...shown.map((state, i) => layer(state, i + 1)),
    );
  }

  return { show, evidence };
})();
