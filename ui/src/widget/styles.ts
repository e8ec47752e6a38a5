/** The page's style sheet, made to hold within a widget: for what is in it, measured by its size and not the window's. */

/** Of the widget, whatever size a page has chosen for its letters. */
const REM = 16;

export function embeddedStyles(css: string): string {
  return css
    .replace(/@media([^{]*\b(?:width|height)\b[^{]*)\{/g, '@container$1{')
    .replace(/(\d|\.\d)rem\b/g, (whole) => whole.replace('rem', 'REM'))
    .replace(/(\d*\.?\d+)REM/g, (_, size: string) => `${Number(size) * REM}px`)
    .replace(/(\d)d?v([hw])\b/g, '$1cq$2')
    .replace(/:root\b/g, '.polyglot')
    .replace(/(^|[\s,{}])html(?=[\s,:{])/g, '$1.polyglot');
}
