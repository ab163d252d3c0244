// A real OpenID provider for the tests: the certified implementation `oidc-provider`, with its own pages for signing in.
//
// It prints where it listens, and begins when it has been told the address to send people back to, one line on its
// input. Whatever name somebody gives on its page, it vouches for; a password is asked for and not looked at.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [packages, client_id, client_secret, asIdToken] = process.argv.slice(2);
const from = createRequire(pathToFileURL(`${packages}/`));
const { Provider } = await import(pathToFileURL(from.resolve("oidc-provider")).href);

const server = createServer();
server.listen(0, "127.0.0.1", () => console.log(`listening ${server.address().port}`));

createInterface({ input: process.stdin }).once("line", (back) => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id, client_secret, redirect_uris: [back], response_types: ["code"], grant_types: ["authorization_code"] }],
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    // A provider that goes by the letter gives such claims at its userinfo endpoint alone.
    conformIdTokenClaims: asIdToken !== "in-the-token",
    cookies: { keys: ["of these tests"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  });
  server.on("request", provider.callback());
  console.log("ready");
});
