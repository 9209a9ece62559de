/** What the build makes importable: compiled templates, the linked files, and Nunjucks' runtime without its compiler. */
declare module '*.njk' {
  const template: import('./render.ts').Template;
  export default template;
}

declare module 'virtual:assets' {
  export const stylesheetName: string;
  export const stylesheet: string;
  export const iconName: string;
  export const icon: string;
  /** The same stylesheet with the NHS's typeface, and its logo: only for deployers who may use them. */
  export const nhsStylesheetName: string;
  export const nhsStylesheet: string;
  export const nhsLogoName: string;
  export const nhsLogo: string;
}

declare module 'nunjucks/browser/nunjucks-slim.js' {
  import nunjucks from 'nunjucks';
  export default nunjucks;
}
