"use strict";
// What has been drawn: strokes and pictures, one on the other, in units of the drawing.
//
// It is kept as lines, not as pixels, so that it is painted sharply on any screen; what the network
// reads is painted apart, always in the same size, so that no screen changes the answer.

class Drawing {
  static COLUMNS = 480;
  static ROWS = 360;
  static PEN = 28; // as wide as MNIST's pens are in a digit that fills two thirds of the height

  constructor() {
    this.items = [];
    this.stroke = null; // the one that is being drawn
    const paper = document.createElement("canvas");
    [paper.width, paper.height] = [Drawing.COLUMNS, Drawing.ROWS];
    this.context = paper.getContext("2d", { willReadFrequently: true });
  }

  get empty() {
    return this.items.length === 0;
  }

  /** Begins a stroke; a point is {x, y, pressure}, its pressure from 0 to 1. */
  begin(point) {
    this.stroke = { points: [point] };
    this.items.push(this.stroke);
  }

  /** Goes on with the stroke, unless it was taken back meanwhile. */
  extend(point) {
    this.stroke?.points.push(point);
  }

  /** Lays ink, {rows, columns, values}, into a box; `images` is what the network sees of it. */
  lay(ink, [left, top, columns, rows], images = null) {
    this.stroke = null;
    this.items.push({ ink: Drawing.stencil(ink), box: [left, top, columns, rows], images });
  }

  /** Lays ink in the place of all that there is, which `undo` brings back. */
  replace(ink, box, images) {
    const { items } = this;
    this.items = [];
    this.lay(ink, box, images);
    this.items[0].before = items;
  }

  undo() {
    this.stroke = null;
    this.items = this.items.pop()?.before ?? this.items;
  }

  clear() {
    this.stroke = null;
    this.items = [];
  }

  /** Returns the images of 28 x 28 that the drawing is, where it is nothing else. */
  get images() {
    return this.items.length === 1 ? this.items[0].images ?? null : null;
  }

  /** Paints everything in black, on a context whose units are those of the drawing. */
  paint(context) {
    context.lineCap = "round";
    context.lineJoin = "round";
    context.fillStyle = context.strokeStyle = "black";
    for (const item of this.items) {
      if (item.points) Drawing.stroke(context, item.points);
      else context.drawImage(item.ink, ...item.box);
    }
  }

  /** Returns the ink that the network reads. */
  ink() {
    const { context } = this;
    context.clearRect(0, 0, Drawing.COLUMNS, Drawing.ROWS);
    this.paint(context);
    const { data } = context.getImageData(0, 0, Drawing.COLUMNS, Drawing.ROWS);
    const colours = new Uint32Array(data.buffer);
    const values = new Uint8Array(colours.length);
    for (let i = 0; i < values.length; i++) values[i] = colours[i] >>> 24; // its opacity
    return { rows: Drawing.ROWS, columns: Drawing.COLUMNS, values };
  }

  /** Returns what there is to read: {images}, {ink}, or null where nothing was drawn. */
  given() {
    const { images } = this;
    if (images) return { images };
    return this.empty ? null : { ink: this.ink() };
  }

  /** Paints a stroke as curves that touch the lines between its points in their middles. */
  static stroke(context, points) {
    const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    let from = points[0];
    let pressure = null;
    points.forEach((corner, i) => {
      const to = i + 1 < points.length ? middle(corner, points[i + 1]) : corner;
      if (corner.pressure !== pressure) {
        if (i) context.stroke();
        pressure = corner.pressure;
        context.lineWidth = Drawing.PEN * pressure;
        context.beginPath();
        context.moveTo(from.x, from.y);
      }
      context.quadraticCurveTo(corner.x, corner.y, to.x, to.y);
      from = to;
    });
    context.stroke();
  }

  /** Makes a canvas that is as opaque as there is ink. */
  static stencil({ rows, columns, values }) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [columns, rows];
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(columns, rows);
    values.forEach((value, i) => { pixels.data[4 * i + 3] = value; });
    context.putImageData(pixels, 0, 0);
    return canvas;
  }
}
