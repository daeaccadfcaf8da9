export function createTokenSource({ signIn }: any) {
  let t: any;
  return { get: async () => (t ??= await signIn()).accessToken, renew: async () => (t = await signIn()).accessToken };
}
