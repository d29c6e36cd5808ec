"use strict";
// What the page was made for: the network, its run, examples. Read from the JSON in the page.

const Content = (() => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  /** Returns the number that 16 bits stand for: a sign, 5 bits of exponent, 10 of fraction. */
  function half(bits) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1024 + fraction) * 2 ** (exponent - 25);
  }

  /** Reads numbers of 32, 16 or 8 bits; those of 8 are multiplied by what their row has. */
  function array({ shape, type, data, scales }) {
    const content = new DataView(bytes(data).buffer);
    const read = {
      float32: (i) => content.getFloat32(4 * i, true),
      float16: (i) => half(content.getUint16(2 * i, true)),
      int8: (i) => content.getInt8(i) * factors[Math.floor((i * shape[0]) / size)],
    }[type];
    const size = shape.reduce((a, b) => a * b, 1);
    const factors = scales && array(scales).values;
    const values = new Float64Array(size);
    for (let i = 0; i < size; i++) values[i] = read(i);
    return { shape, values };
  }

  function decoded(value) {
    if (Array.isArray(value)) return value.map(decoded);
    if (value === null || typeof value !== "object") return value;
    if (typeof value.data === "string" && "type" in value) return array(value);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decoded(each)]));
  }

  /** Unpacks images of 28 x 28: a zero and a number stand for so many zeros. */
  function images(text) {
    const packed = bytes(text);
    const pixels = [];
    for (let i = 0; i < packed.length; i++) {
      if (packed[i]) pixels.push(packed[i]);
      else for (let zeros = packed[++i]; zeros > 0; zeros--) pixels.push(0);
    }
    const count = pixels.length / 784;
    return Array.from({ length: count }, (_, i) =>
      Uint8Array.from(pixels.slice(784 * i, 784 * (i + 1))));
  }

  const { network, examples, ...rest } = JSON.parse(document.getElementById("content").textContent);
  const pictures = images(examples.images);
  return {
    ...rest,
    network: decoded(network),
    examples: examples.digits.map(([index, label, read], i) =>
      ({ index, label, read, image: pictures[i] })),
  };
})();
