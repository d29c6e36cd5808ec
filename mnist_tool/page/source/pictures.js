"use strict";
// Brings pictures in, from a file, by dropping or by pasting, and takes the drawing out as PNG.

const Pictures = (() => {
  const TILE = 40; // pixels of a picture, wider than any pen, that lie in the same light
  const CONTRAST = 20; // levels between ink and paper, below which there is only paper

  /** Returns the level that parts values of 0 to 255 best into two groups (N. Otsu, 1979). */
  function otsu(values) {
    const counts = new Array(256).fill(0);
    for (const value of values) counts[Math.round(value)]++;
    const moment = counts.reduce((sum, count, level) => sum + count * level, 0);
    let [best, most, below, under] = [0, -1, 0, 0];
    for (let level = 0; level < 255; level++) {
      below += counts[level];
      under += counts[level] * level;
      const above = values.length - below;
      if (!below || !above) continue;
      const between = below * above * (under / below - (moment - under) / above) ** 2;
      if (between > most) [best, most] = [level, between];
    }
    return best;
  }

  const quantile = (values, share) => values.sort()[Math.floor((values.length - 1) * share)];

  /** Returns the brightness of pixels, turned around where the ink is lighter than the paper. */
  function brightness({ data, width, height }) {
    const grey = new Float32Array(width * height);
    for (let i = 0; i < grey.length; i++) {
      grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
    }
    const border = grey.filter((_, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      return row < 2 || column < 2 || row >= height - 2 || column >= width - 2;
    });
    const all = grey.slice();
    const middle = (quantile(all, 0.001) + quantile(all, 0.999)) / 2;
    return quantile(border, 0.5) < middle ? grey.map((value) => 255 - value) : grey;
  }

  /** Estimates the paper: the brightest of what is usual in a tile and in its neighbours. */
  function tiles(grey, width, height) {
    const [rows, columns] = [Math.ceil(height / TILE), Math.ceil(width / TILE)];
    const usual = Array.from({ length: rows * columns }, (_, i) => {
      const [top, left] = [Math.floor(i / columns) * TILE, (i % columns) * TILE];
      const found = [];
      for (let row = top; row < Math.min(height, top + TILE); row++) {
        const line = row * width;
        found.push(...grey.subarray(line + left, line + Math.min(width, left + TILE)));
      }
      return quantile(Float32Array.from(found), 0.8);
    });
    const near = (place, count) => [place - 1, place, place + 1].filter((i) => i >= 0 && i < count);
    const values = usual.map((_, i) => Math.max(...near(Math.floor(i / columns), rows).flatMap(
      (row) => near(i % columns, columns).map((column) => usual[row * columns + column]))));
    return { rows, columns, values };
  }

  /** Returns how much darker each pixel is than its paper, be there a shadow: 0 to 255. */
  function strength(pixels) {
    const { width, height } = pixels;
    const grey = brightness(pixels);
    const paper = tiles(grey, width, height);
    const between = (place, count) => {
      const from = Math.min(Math.max((place + 0.5) / TILE - 0.5, 0), count - 1);
      return [Math.floor(from), Math.min(Math.floor(from) + 1, count - 1), from % 1];
    };
    return grey.map((value, i) => {
      const [upper, lower, down] = between(Math.floor(i / width), paper.rows);
      const [left, right, across] = between(i % width, paper.columns);
      const line = (row) => (1 - across) * paper.values[row * paper.columns + left] +
        across * paper.values[row * paper.columns + right];
      return Math.max(0, (1 - down) * line(upper) + down * line(lower) - value);
    });
  }

  /** Tells ink from paper in the pixels of a picture: {rows, columns, values}, or null. */
  function ink(pixels) {
    const dark = strength(pixels);
    const level = otsu(dark);
    const inked = dark.filter((value) => value > level);
    const full = inked.length ? quantile(inked, 0.75) : 0;
    const noise = Math.min(quantile(dark.filter((value) => value <= level), 0.95), level);
    if (full - noise < CONTRAST) return null;
    const values = Uint8Array.from(dark, (value) =>
      Math.min(255, Math.max(0, Math.round(((value - noise) * 255) / (full - noise)))));
    return Reader.cleaned({ rows: pixels.height, columns: pixels.width, values });
  }

  /** Returns the pixels of a picture, on white paper, as large as the drawing can be. */
  async function pixels(file) {
    const picture = await createImageBitmap(file);
    const scale = Math.min(Drawing.COLUMNS / picture.width, Drawing.ROWS / picture.height);
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  /** Takes a picture in; `lay` gets its ink, `tell` the key of what went wrong. */
  async function take(file, lay, tell) {
    let found;
    try {
      found = ink(await pixels(file));
    } catch {
      tell("noPicture");
      return;
    }
    if (found) lay(found);
    tell(found ? null : "noInk");
  }

  const pictureOf = (list) => [...(list ?? [])].find((file) => file.type.startsWith("image/"));

  function listen(area, input, lay, tell) {
    const given = (files, event) => {
      if (!files?.length) return;
      event.preventDefault();
      take(pictureOf(files) ?? files[0], lay, tell);
    };
    input.addEventListener("change", (event) => {
      given(input.files, event);
      input.value = "";
    });
    document.addEventListener("paste", (event) => given(event.clipboardData?.files, event));
    for (const type of ["dragenter", "dragover"]) {
      document.addEventListener(type, (event) => {
        event.preventDefault();
        area.classList.add("over");
      });
    }
    document.addEventListener("dragleave", () => area.classList.remove("over"));
    document.addEventListener("drop", (event) => {
      area.classList.remove("over");
      event.preventDefault();
      given(event.dataTransfer?.files, event);
    });
  }

  /** Offers the drawing as a PNG file: black on white. */
  function save(drawing) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Drawing.COLUMNS, Drawing.ROWS];
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    drawing.paint(context);
    canvas.toBlob((file) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = "digit.png";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  return { listen, save, ink, pixels };
})();
