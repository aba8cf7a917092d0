// A certified OIDC provider as the other side. Its log-in form says who somebody is to be.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { clients, key } = JSON.parse(process.argv[2]);
const people = new Map();
const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [key] },
  claims: { openid: ["sub", "acr", "amr", "auth_time"], email: ["email", "email_verified"], profile: ["name"] },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = `<!doctype html><html lang="nb"><title>Ut</title>${form}
          <button form="op.logoutForm" name="logout" value="yes">Logg ut hos leverandøren</button>`;
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = `<!doctype html><html lang="nb"><title>Ute</title><h1>Ute hos leverandøren</h1>`;
      },
    },
  },
  interactions: { url: (ctx, interaction) => `/hvem/${interaction.uid}` },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
  // It speaks with the portal on this machine, which it would else refuse.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  cookies: { keys: ["bare i test"] },
});

const answer = provider.callback();
server.on("request", async (request, response) => {
  if (request.url === "/favicon.ico") return response.writeHead(204).end();
  if (!request.url.startsWith("/hvem/")) return answer(request, response);
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    return response.end(`<!doctype html><html lang="nb"><title>Leverandøren</title><form method="post">
      <input name="sub"><input name="email"><input name="verified" value="yes"><input name="amr">
      <button>Det er meg</button></form><a href="${request.url}/avbryt">Avbryt</a>`);
  }
  let body = "";
  for await (const part of request) body += part;
  const { sub, email, verified, amr } = Object.fromEntries(new URLSearchParams(body));
  people.set(sub, { email, email_verified: verified === "yes", name: email });
  const login = { accountId: sub, remember: true, amr: amr ? [amr] : undefined };
  await provider.interactionFinished(request, response, { login });
});
console.log(`ready on ${issuer}`);
