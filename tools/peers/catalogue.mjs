// What the tests can run against, where it is looked for, and how it is built or installed. Plain JavaScript for Node 20 on, since
// `npm run peers` runs before anything else is there; `catalogue.d.mts` gives the tests its types.
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The folder with what was built: `MLP_PEERS`, or `.peers` in the repository. */
export const peersFolder = resolve(process.env.MLP_PEERS ?? join(here, "..", "..", ".peers"));

/** The folder with the go.mod and go.sum of a peer that is built. */
export const moduleFolder = (peer) => join(here, peer);

const kubernetesVersion = "v1.36.1";
const stamp = (name, value) => `-X k8s.io/component-base/version.${name}=${value}`;
const kubernetesLdflags = [
  stamp("gitVersion", kubernetesVersion),
  stamp("gitMajor", "1"),
  stamp("gitMinor", "36"),
  stamp("gitTreeState", "clean"),
].join(" ");

/**
 * Every peer. `go`: built from the module beside this file, binary name to main package. `apt`: a Debian package brings it. `pip`: a
 * Python package, in an environment of its own under `.peers`.
 * `binaries` are what must be there for the peer to count as installed; `folders` are looked in besides PATH.
 */
export const peers = {
  "control-plane": {
    what: `Kubernetes ${kubernetesVersion}: kube-apiserver, kube-controller-manager, kube-scheduler, kubectl, etcd, kwok`,
    binaries: ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "etcd", "kwok"],
    onPath: false, // another kubectl or etcd would be another version than the one that the tests speak of
    go: {
      ldflags: kubernetesLdflags,
      tags: "",
      packages: {
        "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
        "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
        "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
        kubectl: "k8s.io/kubernetes/cmd/kubectl",
        etcd: "go.etcd.io/etcd/server/v3",
        kwok: "sigs.k8s.io/kwok/cmd/kwok",
      },
    },
  },
  prometheus: {
    what: "Prometheus 3.16 (v0.316.0), without service discoveries",
    binaries: ["prometheus", "promtool"],
    onPath: true,
    go: {
      ldflags: "-X github.com/prometheus/common/version.Version=3.16.0",
      tags: "remove_all_sd,netgo",
      packages: {
        prometheus: "github.com/prometheus/prometheus/cmd/prometheus",
        promtool: "github.com/prometheus/prometheus/cmd/promtool",
      },
    },
  },
  alertmanager: {
    what: "Alertmanager v0.28.1",
    binaries: [["alertmanager", "prometheus-alertmanager"]],
    onPath: true,
    go: { ldflags: "", tags: "netgo", packages: { alertmanager: "github.com/prometheus/alertmanager/cmd/alertmanager" } },
  },
  toxiproxy: {
    what: "toxiproxy v2.12.0",
    binaries: ["toxiproxy"],
    onPath: false,
    go: { ldflags: "", tags: "", packages: { toxiproxy: "github.com/Shopify/toxiproxy/v2/cmd/server" } },
  },
  postgres: {
    what: "PostgreSQL, 13 or newer",
    binaries: ["postgres", "initdb"],
    onPath: true,
    apt: "postgresql",
    folders: debianPostgresFolders,
  },
  chromium: {
    what: "Chromium, for the tests of the sandbox's page",
    binaries: [["chromium", "chromium-browser", "google-chrome"]],
    onPath: true,
    apt: "chromium",
  },
  moto: {
    what: "moto 5, AWS as far as the bot uses it",
    binaries: ["moto_server"],
    onPath: true,
    pip: "moto[server]==5.2.1",
    folders: () => [join(peersFolder, "moto", "bin")],
  },
};

function debianPostgresFolders() {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).filter((name) => Number(name) >= 13);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, "bin"));
}

/** The path of one of a peer's binaries, or undefined. What was built goes before what the system has. */
export function findBinary(peer, binary) {
  const { go, onPath, folders } = peers[peer];
  const places = [
    ...(go ? [join(peersFolder, "bin")] : []),
    ...(folders ? folders() : []),
    ...(onPath ? (process.env.PATH ?? "").split(delimiter).filter(Boolean) : []),
  ];
  for (const name of [binary].flat()) {
    for (const place of places) {
      const path = join(place, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** The binaries of a peer that are not there; empty when it can be used. */
export function missingBinaries(peer) {
  return peers[peer].binaries.filter((binary) => findBinary(peer, binary) === undefined).map((binary) => [binary].flat()[0]);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
