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
}

declare module 'nunjucks/browser/nunjucks-slim.js' {
  import nunjucks from 'nunjucks';
  export default nunjucks;
}
