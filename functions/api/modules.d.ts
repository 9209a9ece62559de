/** Made by the build: infra/api-schemas.ts. */
declare module 'virtual:api-schemas' {
  /** The schemas of the API's description, by name. */
  export function schemas(): Record<string, unknown>;
}
