import type { FrameworkItem } from "./item.ts";

/** The seven tenets of zero trust (NIST SP 800-207, section 2.1), in our words. */
export const zeroTrustItems: readonly FrameworkItem[] = [
  {
    id: "1",
    title: "Every source of data and every service is a resource to protect",
    open: "What is written or runs is judged; what nobody wrote down is not seen.",
  },
  { id: "2", title: "Communication is secured wherever it happens, inside too" },
  {
    id: "3",
    title: "Access is given to one resource at a time, and no further",
    open: "The reach that files and networks allow is judged; what an application gives to a session is its own matter.",
  },
  {
    id: "4",
    title: "Policy decides by the state of client, service and surroundings",
    open: "Decisions by the state of a client's device are made when it connects; a file shows only whether a sign-in stands before a route.",
  },
  {
    id: "5",
    title: "The integrity and the security of everything owned are watched",
    open: "Whether something watches is judged; what it saw is for the running system.",
  },
  {
    id: "6",
    title: "Authentication and authorisation are enforced before access is given",
  },
  {
    id: "7",
    title: "What happens is recorded, and used to become better",
    open: "Whether logs and metrics are kept is judged; what is learnt from them is for people.",
  },
];
