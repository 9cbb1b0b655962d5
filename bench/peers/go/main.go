// One hop of the benchmark's chain in Go, as `bench hop` is one in Rust: it answers GetUser, or asks the next
// hop. Its first line on standard output is its address, and it ends when standard input does.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	profilepb "tracewalk/peer/tracewalk/profile/v1"
	userpb "tracewalk/peer/tracewalk/user/v1"
)

const getUser = "/tracewalk.user.v1.UserService/GetUser"

type hop struct {
	// nil at the last hop, which answers itself.
	next *grpc.ClientConn
}

func (h *hop) getUser(ctx context.Context, request *userpb.GetUserRequest) (*userpb.GetUserResponse, error) {
	if h.next != nil {
		answer := new(userpb.GetUserResponse)
		err := h.next.Invoke(ctx, getUser, request, answer)
		return answer, err
	}
	return &userpb.GetUserResponse{User: &userpb.User{
		UserId: request.UserId,
		Name:   "Ada Lovelace",
		Email:  "ada@example.org",
		Profile: &profilepb.Profile{
			UserId: request.UserId,
			Bio:    "Writes about machines that count.",
			City:   "London",
		},
	}}, nil
}

// What protoc-gen-go-grpc writes, for the one method.
var service = grpc.ServiceDesc{
	ServiceName: "tracewalk.user.v1.UserService",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "GetUser",
		Handler: func(server any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			request := new(userpb.GetUserRequest)
			if err := decode(request); err != nil {
				return nil, err
			}
			handler := func(ctx context.Context, request any) (any, error) {
				return server.(*hop).getUser(ctx, request.(*userpb.GetUserRequest))
			}
			if interceptor == nil {
				return handler(ctx, request)
			}
			info := &grpc.UnaryServerInfo{Server: server, FullMethod: getUser}
			return interceptor(ctx, request, info, handler)
		},
	}},
}

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(arguments []string) error {
	if len(arguments) < 2 || arguments[0] != "hop" {
		return status.Error(codes.InvalidArgument, "expected hop ROLE --variant VARIANT --collector URL")
	}
	flags := flag.NewFlagSet("hop", flag.ContinueOnError)
	variant := flags.String("variant", "", "go-plain, go-telemetry or go-full")
	collector := flags.String("collector", "", "where spans go")
	flags.String("next-role", "", "who the next hop is")
	next := flags.String("next", "", "where the next hop listens; the last one answers itself")
	if err := flags.Parse(arguments[2:]); err != nil {
		return err
	}
	equipment, err := equip(*variant, arguments[1], *collector)
	if err != nil {
		return err
	}
	h := &hop{}
	if *next != "" {
		options := append(equipment.client, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if h.next, err = grpc.NewClient("passthrough:///"+*next, options...); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := grpc.NewServer(equipment.server...)
	server.RegisterService(&service, h)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		server.GracefulStop()
	}()
	if err := server.Serve(listener); err != nil {
		return err
	}
	return equipment.shutdown(context.Background())
}
