package codegen

// CSharpPackageInfo holds the C# settings of a package. This plugin's schema has none.
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

// CSharpPropertyInfo holds the C# settings of a property.
type CSharpPropertyInfo struct {
	Name string
}

// CSharpResourceInfo holds the C# settings of a resource.
type CSharpResourceInfo struct {
	Name string
}
