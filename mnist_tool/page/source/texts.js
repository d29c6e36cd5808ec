"use strict";
// Every word of the page, in Korean and in English; {names} in braces are filled in.

const Texts = (() => {
  const ALL = {
    en: {
      name: "English",
      title: "Draw a digit",
      lead: "Draw with mouse, finger or pen. What the model thinks changes with every stroke; nothing leaves this page.",
      draw: "Drawing",
      undo: "Undo",
      clear: "Clear",
      reading: "What the model reads",
      nothing: "Nothing drawn yet.",
      reads: "I read {digits}.",
      unsure: "Not sure: {first} or {second}.",
      seen: "What the model sees, 28 × 28",
      choose: "Digit {place} of {count}: {digit}",
      model: "The model",
      recipe: "Recipe",
      accuracy: "Accuracy",
      interval: "{accuracy} (95 %: {low} to {high}) on {total} test images",
      trained: "Trained",
      data: "Data",
      parameters: "Parameters",
      run: "Run",
      canvas: "Drawing area",
    },
    ko: {
      name: "한국어",
      title: "숫자를 그려 보세요",
      lead: "마우스나 손가락, 펜으로 그리세요. 한 획마다 모델의 생각이 바뀝니다. 그린 것은 이 페이지 밖으로 나가지 않습니다.",
      draw: "그림",
      undo: "되돌리기",
      clear: "지우기",
      reading: "모델이 읽은 숫자",
      nothing: "아직 그린 것이 없습니다.",
      reads: "읽은 숫자: {digits}",
      unsure: "확실하지 않음: {first} 또는 {second}",
      seen: "모델이 보는 28 × 28 그림",
      choose: "{count}개 중 {place}번째 숫자: {digit}",
      model: "모델",
      recipe: "레시피",
      accuracy: "정확도",
      interval: "{accuracy} (95 %: {low}–{high}), 시험 이미지 {total}장",
      trained: "학습한 날",
      data: "데이터",
      parameters: "매개변수",
      run: "실행",
      canvas: "그리는 곳",
    },
  };

  let language = navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";

  function text(key, values = {}) {
    return ALL[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** Writes the words into everything that has data-text or data-label. */
  function apply() {
    document.documentElement.lang = language;
    document.title = text("title");
    for (const node of document.querySelectorAll("[data-text]")) {
      node.textContent = text(node.dataset.text);
    }
    for (const node of document.querySelectorAll("[data-label]")) {
      node.setAttribute("aria-label", text(node.dataset.label));
    }
  }

  return {
    text,
    apply,
    choose(wanted) { language = wanted; apply(); },
    get language() { return language; },
    get other() { return language === "ko" ? "en" : "ko"; },
    nameOf: (code) => ALL[code].name,
    ALL,
  };
})();
