const { PolicyPack } = require("@pulumi/policy");

new PolicyPack("empty", {
	policies: [{ name: "nothing", description: "Looks at nothing.", validateResource: () => {} }],
});
