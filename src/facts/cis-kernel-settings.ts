/**
 * What the CIS profile checks at every start and exits without. The tarball brings the same lines, but only after the
 * moment at which they are needed.
 * https://docs.rke2.io/security/hardening_guide
 */
export const cisKernelSettings = {
	"kernel.panic": 10,
	"kernel.panic_on_oops": 1,
	"vm.overcommit_memory": 1,
	"vm.panic_on_oom": 0,
};
