/** Style sheets come as text, to be adopted. */
declare module "*.css" {
  const text: string;
  export default text;
}
