declare module 'asl-validator' {
  /** Checks a definition against the Amazon States Language. Adds QueryLanguage to its states. */
  export default function validate(definition: unknown): {
    isValid: boolean;
    errorsText(separator?: string): string;
  };
}
