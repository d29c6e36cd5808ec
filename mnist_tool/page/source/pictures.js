"use strict";
// Brings pictures in, from a file, by dropping or by pasting, and takes the drawing out as PNG.

const Pictures = (() => {
  const MOST = 2048; // pixels of the longer side; what is larger is made smaller by the browser

  /** Returns the pixels of a picture, their colours as they are in the file. */
  async function pixels(file) {
    const picture = await createImageBitmap(file, { colorSpaceConversion: "none" });
    const shrink = Math.min(1, MOST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * shrink));
    canvas.height = Math.max(1, Math.round(picture.height * shrink));
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  /** Takes a picture in; `lay` gets its ink and images, `tell` the key of what went wrong. */
  async function take(file, lay, tell) {
    let found;
    try {
      found = Prepare.prepare(await pixels(file));
    } catch {
      tell("noPicture");
      return;
    }
    if (found) lay(found.ink, found.images);
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

  return { listen, save, pixels };
})();
