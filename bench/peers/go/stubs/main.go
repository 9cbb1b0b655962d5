// Writes the Go code of the messages of a contract: no protoc is needed.
//
//	go run ./stubs PROTO_FOLDER FOLDER FILE...
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	gengo "google.golang.org/protobuf/cmd/protoc-gen-go/internal_gengo"
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("expected a folder of protos, a folder for the code, and files in the first")
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		log.Fatal(err)
	}
}

func generate(protos, folder string, files []string) error {
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{protos}}),
	}
	compiled, err := compiler.Compile(context.Background(), files...)
	if err != nil {
		return err
	}
	request := &pluginpb.CodeGeneratorRequest{FileToGenerate: files}
	parameter := "module=tracewalk/peer"
	for _, file := range files {
		parameter += fmt.Sprintf(",M%s=tracewalk/peer/%s", file, path.Dir(file))
	}
	request.Parameter = &parameter
	seen := map[string]bool{}
	for _, file := range compiled {
		addWithImports(request, seen, file)
	}
	plugin, err := protogen.Options{}.New(request)
	if err != nil {
		return err
	}
	for _, file := range plugin.Files {
		if file.Generate {
			gengo.GenerateFile(plugin, file)
		}
	}
	for _, file := range plugin.Response().File {
		place := filepath.Join(folder, file.GetName())
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(place, []byte(file.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// A file comes after those that it imports.
func addWithImports(request *pluginpb.CodeGeneratorRequest, seen map[string]bool, file protoreflect.FileDescriptor) {
	if seen[file.Path()] {
		return
	}
	seen[file.Path()] = true
	for i := range file.Imports().Len() {
		addWithImports(request, seen, file.Imports().Get(i).FileDescriptor)
	}
	var described *descriptorpb.FileDescriptorProto = protodesc.ToFileDescriptorProto(file)
	request.ProtoFile = append(request.ProtoFile, described)
}
