// Runs in the browser, before the page: what the tests ask of it.

/** "text: 3.9" for each visible text whose contrast to what is behind it is below 4.5 (3 for large text). */
globalThis.poorContrast = () => {
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? ['0', '0', '0', '0']).map(Number);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const one = part / 255;
      return one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  /** The ground behind an element; null where a picture or a gradient is. */
  const ground = (element) => {
    if (element === null) return [255, 255, 255];
    const style = getComputedStyle(element);
    if (style.backgroundImage !== 'none') return null;
    const [r, g, b, alpha = 1] = parse(style.backgroundColor);
    if (alpha === 1) return [r, g, b];
    const behind = ground(element.parentElement);
    return behind === null ? null : [r, g, b].map((part, index) => part * alpha + behind[index] * (1 - alpha));
  };
  const poor = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    const box = element.getBoundingClientRect();
    if (
      own.length === 0 ||
      box.width < 2 ||
      !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    )
      continue;
    if (element.closest('[disabled], .emoji') !== null) continue;
    const behind = ground(element);
    if (behind === null) continue;
    const style = getComputedStyle(element);
    const [lighter, darker] = [luminance(parse(style.color).slice(0, 3)), luminance(behind)].sort((a, b) => b - a);
    const ratio = (lighter + 0.05) / (darker + 0.05);
    const large = Number.parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) poor.add(`${element.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return [...poor];
};

/** What can be pressed or filled in and has no name for a screen reader. */
globalThis.nameless = () =>
  [...document.querySelectorAll('button, a[href], input, select, textarea, dialog')]
    .filter((element) => element.checkVisibility())
    .filter((element) => {
      const labels = [...(element.labels ?? [])].map((one) => one.textContent);
      const words = [element.getAttribute('aria-label'), element.textContent, ...labels];
      return words.every((one) => one === null || one.trim() === '');
    })
    .map((element) => element.outerHTML.slice(0, 120));
