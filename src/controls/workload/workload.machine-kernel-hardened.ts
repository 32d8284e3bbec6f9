/**
 * Talos boots its kernel hardened; one argument undoes it for everything on the machine.
 *
 * Reads:  repository-file.configuration (Talos: kernel arguments, sysctls)
 * Passes: no argument and no sysctl switches a protection of the kernel off.
 */
import type { Judgement } from "../../contracts/verdict.ts";
import type { ComponentArgument } from "../../facts/configuration/cluster.ts";
import { defineControl } from "../define.ts";
import { all, cannotTell, fail, forbidAny } from "../judge.ts";
import { onMachine } from "../knowledge/talos.ts";

/** Arguments, and what each takes away (docs.kernel.org, kernel-parameters; talos.dev, reference/kernel). */
const weakening: readonly (readonly [argument: RegExp, what: string])[] = [
  [/^mitigations=(?:off|auto,off)$/, "every protection against attacks on the processor"],
  [/^(?:pti=(?:off|0)|nopti)$/, "the separation of the kernel's memory from that of programs"],
  [
    /^(?:spectre_v2|spectre_v2_user|spec_store_bypass_disable|l1tf|mds|tsx_async_abort|mmio_stale_data|retbleed|srbds|gather_data_sampling|spec_rstack_overflow|reg_file_data_sampling|tsa|indirect_target_selection|vmscape)=off$/,
    "a protection against an attack on the processor",
  ],
  [/^(?:nospectre_v1|nospectre_v2|nospec_store_bypass_disable)$/, "a protection against an attack on the processor"],
  [
    /^(?:nosmep|nosmap|clearcpuid=(?:smep|smap).*)$/,
    "the protection against the kernel running or reading a program's memory",
  ],
  [/^nokaslr$/, "the random place of the kernel in memory"],
  [/^(?:apparmor=0|selinux=0|enforcing=0|security=none)$/, "the confinement of programs by a security module"],
  [/^init_on_(?:alloc|free)=0$/, "the wiping of memory"],
  [/^slab_merge$/, "the separation of the kernel's objects"],
  [/^(?:audit=0|talos\.auditd\.disabled=1?|talos\.auditd\.disabled)$/, "the kernel's audit log"],
  [/^module\.sig_enforce=0$/, "the check of modules' signatures"],
  [/^lockdown=none$/, "the lockdown of the kernel"],
];

/** Values that give way where Talos's own are stricter (internal/app/machined, kernel parameter defaults). */
const weakSysctls: ReadonlyMap<string, { readonly values: readonly string[]; readonly what: string }> = new Map(
  Object.entries({
    "kernel.kptr_restrict": { values: ["0"], what: "the hiding of the kernel's addresses" },
    "kernel.dmesg_restrict": { values: ["0"], what: "the hiding of the kernel's log" },
    "kernel.unprivileged_bpf_disabled": { values: ["0"], what: "the ban on BPF programs of ordinary users" },
    "kernel.yama.ptrace_scope": { values: ["0"], what: "the ban on looking into other processes" },
    "kernel.perf_event_paranoid": { values: ["-1", "0", "1"], what: "the ban on watching the processor" },
    "net.core.bpf_jit_harden": { values: ["0"], what: "the hardening of BPF programs" },
    "kernel.randomize_va_space": { values: ["0", "1"], what: "the random places of programs in memory" },
    "fs.suid_dumpable": { values: ["1", "2"], what: "the ban on dumps of privileged programs" },
    "kernel.kexec_load_disabled": { values: ["0"], what: "the ban on starting another kernel" },
  }),
);

export const machineKernelHardened = defineControl({
  id: "workload.machine-kernel-hardened",
  on: "repository-file",
  software: ["talos"],
  severity: "medium",
  title: "Talos's kernel keeps its protections",
  claim: "No kernel argument and no sysctl of a machine switches a protection off.",
  threat:
    "One broken container reads the memory of its neighbours and of the kernel, or finds the fault that makes it the machine.",
  remedy:
    "Take the argument out of `machine.install.extraKernelArgs` or the schematic, and the entry out of `machine.sysctls`.",
  judged:
    "Fails for arguments that switch off protections against attacks on the processor (`mitigations=off`), the separation of memory, security modules, wiping of memory, audit and signatures of modules, and low for sysctls that are weaker than Talos's own. Unknown when one cannot be told.",
  limits: "Drivers and modules that are loaded are not judged.",
  frameworks: {
    nsaKubernetes: ["hardening-services", "control-plane"],
    owaspKubernetes: ["K07"],
    nistCsf: ["PR.PS-01"],
    coverage: ["W9", "W10"],
  },
  exposureMatters: false,

  check(file) {
    return onMachine(file, (machine) => {
      const { kernelArguments, sysctls } = machine;
      return all(
        forbidAny(kernelArguments, ({ text, place }) => judgeArgument(text, place), {
          what: "the list of kernel arguments",
          none: "no kernel argument switches a protection off",
        }),
        forbidAny(sysctls, judgeSysctl, { what: "the list of sysctls", none: "no sysctl switches a protection off" }),
      );
    });
  },
});

function judgeArgument(text: string, place: NonNullable<Judgement["place"]>): Judgement | undefined {
  const found = weakening.find(([pattern]) => pattern.test(text));
  return found === undefined
    ? undefined
    : fail(`the kernel argument \`${text}\` switches off ${found[1]}`, { place, detail: text });
}

function judgeSysctl({ name, value, place }: ComponentArgument): Judgement | undefined {
  const weak = weakSysctls.get(name.replaceAll("/", "."));
  if (weak === undefined) return undefined;
  if (value.kind === "unknown") return cannotTell(`the sysctl ${name}`, value.why, { place, detail: name });
  if (value.kind !== "stated" || !weak.values.includes(value.value.trim())) return undefined;
  return fail(`the sysctl \`${name}=${value.value}\` switches off ${weak.what}`, {
    place,
    detail: name,
    severity: "low",
  });
}
