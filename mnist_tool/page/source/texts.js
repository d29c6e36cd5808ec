"use strict";
// The words of the page, in Korean and in English; {names} in braces are filled in. What English
// stands in the page itself is taken from there.

const Texts = (() => {
  const ALL = {
    en: {
      name: "English",
      nothing: "Nothing drawn yet.",
      reads: "I read {digits}.",
      unsure: "Not sure: {first} or {second}.",
      choose: "Digit {place} of {count}: {digit}",
      recipe: "Recipe",
      accuracy: "Accuracy",
      interval: "{accuracy} (95 %: {low} to {high}) on {total} test images",
      trained: "Trained",
      data: "Data",
      parameters: "Parameters",
      run: "Run",
      canvas: "Drawing area, {count} on it",
      looking: "Reading the picture …",
      noPicture: "The browser cannot read this as a picture. Give it a PNG or a JPEG.",
      tooLarge: "This picture has more than 60 million pixels. Make it smaller.",
      noInk: "There is no ink in it that stands out from the paper.",
      example: "{caption}: test image {index}, of class {label}, read as {read}",
      reasons: "What speaks for and against",
      explained: "Blue speaks for a class, orange against it; the number is the sum of all of it and of the bias. The largest wins.",
      maps: "{number}. {kind}: {count} maps of {rows} × {columns}",
      units: "{number}. {kind}: {count} units",
      linear: "linear",
      convolution: "convolution",
      relu: "ReLU",
      selu: "SELU",
      sigmoid: "sigmoid",
      "max-pool": "the largest of each window",
      "mean-pool": "the mean of each window",
      max: "the largest of all",
      mean: "the mean of all",
      challenge: "Draw a {drawn} that it takes for a {taken}.",
      won: "It takes it for a {taken}! If the others see a {drawn}, you have won.",
      score: "It read {right} of {total} of your drawings right.",
      noScore: "Nothing counted yet.",
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
      canvas: "그리는 곳, 획 {count}개",
      keys: "키보드: 화살표 키로 펜을 움직이고(Shift와 함께는 조금씩), 스페이스로 펜을 내리거나 들고, 백스페이스로 되돌리고, Esc로 지웁니다.",
      save: "PNG로 저장",
      open: "그림 열기",
      drop: "끌어다 놓거나 붙여 넣어도 됩니다.",
      looking: "그림을 읽는 중 …",
      noPicture: "브라우저가 그림으로 읽을 수 없습니다. PNG나 JPEG를 넣어 주세요.",
      tooLarge: "그림이 6천만 화소보다 큽니다. 줄여서 넣어 주세요.",
      noInk: "종이와 구별되는 글씨가 없습니다.",
      examples: "시험 이미지",
      rights: "맞게 읽은 것",
      mistakes: "틀리게 읽은 것",
      example: "{caption}: 시험 이미지 {index}번, 정답 {label}, 읽은 숫자 {read}",
      inside: "안을 들여다보기",
      reasons: "무엇이 찬성하고 반대하는가",
      explained: "파란색은 그 숫자라는 근거, 주황색은 아니라는 근거입니다. 수는 그 모두와 편향의 합이고, 가장 큰 것이 이깁니다.",
      maps: "{number}. {kind}: {rows} × {columns} 지도 {count}장",
      units: "{number}. {kind}: 유닛 {count}개",
      linear: "선형",
      convolution: "합성곱",
      relu: "ReLU",
      selu: "SELU",
      sigmoid: "시그모이드",
      "max-pool": "창마다 가장 큰 값",
      "mean-pool": "창마다 평균",
      max: "전체에서 가장 큰 값",
      mean: "전체의 평균",
      game: "놀이",
      challenge: "사람 눈에는 {drawn}, 모델 눈에는 {taken}: 그렇게 보이는 숫자를 그려 보세요.",
      won: "모델 눈에는 {taken}! 다른 사람들 눈에 {drawn}, 그러면 이긴 것입니다.",
      another: "다른 문제",
      judge: "그린 것을 맞게 읽었나요?",
      wasRight: "맞음",
      wasWrong: "틀림",
      score: "그린 것 {total}개 중 {right}개를 맞게 읽었습니다.",
      noScore: "아직 센 것이 없습니다.",
    },
  };

  for (const node of document.querySelectorAll("[data-text]")) {
    ALL.en[node.dataset.text] = node.textContent;
  }

  let language = navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en";

  function text(key, values = {}) {
    return ALL[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** Writes the words into everything that has data-text. */
  function apply() {
    document.documentElement.lang = language;
    document.title = text("title");
    for (const node of document.querySelectorAll("[data-text]")) {
      node.textContent = text(node.dataset.text);
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
