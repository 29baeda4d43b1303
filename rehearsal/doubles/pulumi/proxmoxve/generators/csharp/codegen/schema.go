package codegen

// CSharpPackageInfo is what a schema says for C# about the package; this plugin's schema says nothing for C#.
type CSharpPackageInfo struct {
	Compatibility                string
	Namespaces                   map[string]string
	PackageReferences            map[string]string
	ProjectReferences            []string
	RootNamespace                string
	DictionaryConstructors       bool
	LiftSingleValueMethodReturns bool
	RespectSchemaVersion         bool
}

// CSharpPropertyInfo is what a schema says for C# about a property.
type CSharpPropertyInfo struct {
	Name string
}

// CSharpResourceInfo is what a schema says for C# about a resource.
type CSharpResourceInfo struct {
	Name string
}
