"use strict";
// Brings pictures in, from a file, by dropping or by pasting, and takes the drawing out as PNG.

const Pictures = (() => {
  const { on } = View;
  /** Takes a picture in; `lay` gets its ink and images, `tell` the key of what there is to say. */
  function take(file, lay, tell) {
    tell("looking");
    Beside.look(file, ({ ink, images, told = null }) => {
      tell(told);
      if (ink) lay(ink, images);
    });
  }

  const pictureOf = (list) => [...(list ?? [])].find((file) => file.type.startsWith("image/"));

  function listen(area, input, lay, tell) {
    const given = (files, event) => {
      if (!files?.length) return;
      event.preventDefault();
      take(pictureOf(files) ?? files[0], lay, tell);
    };
    on(input, "change", (event) => {
      given(input.files, event);
      input.value = "";
    });
    on(document, "paste", (event) => given(event.clipboardData?.files, event));
    for (const type of ["dragenter", "dragover"]) {
      on(document, type, (event) => {
        event.preventDefault();
        area.classList.add("over");
      });
    }
    on(document, "dragleave", () => area.classList.remove("over"));
    on(document, "drop", (event) => {
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

  return { listen, save };
})();
