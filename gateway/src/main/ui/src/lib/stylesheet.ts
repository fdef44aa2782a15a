/**
 * Takes the place of a style element where xterm.js makes one: the page's policy forbids those, as it forbids what an attacker
 * would put there. Its text becomes a constructed style sheet, which only a script can make. (build.mjs puts it there.)
 */
export function styleElement(): HTMLElement {
  const sheet = new CSSStyleSheet();
  const element = document.createElement('span');
  element.hidden = true;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperty(element, 'textContent', { get: () => '', set: (text: string) => sheet.replaceSync(text) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    HTMLElement.prototype.remove.call(element);
  };
  return element;
}
