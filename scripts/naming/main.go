// A client of another project for the tests: etcd's own gRPC naming, as grpc-go uses it.
//
//	naming add ETCD NAME ADDRESS      adds an endpoint, as a Go server would
//	naming list ETCD NAME             prints the endpoints
//	naming call ETCD NAME CALLS       asks the servers of etcd:///NAME for their health, in turn, and
//	                                  prints the address of each that answers
//
// scripts/real-backends.sh builds it with the modules of etcd.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/naming/endpoints"
	"go.etcd.io/etcd/client/v3/naming/resolver"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"
)

func main() {
	if len(os.Args) < 4 {
		fail(fmt.Errorf("expected add, list or call, ETCD and NAME, found %q", os.Args[1:]))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	etcd, err := clientv3.New(clientv3.Config{Endpoints: []string{os.Args[2]}, DialTimeout: 10 * time.Second})
	if err != nil {
		fail(err)
	}
	if err := run(ctx, etcd, os.Args[1], os.Args[3], os.Args[4:]); err != nil {
		fail(err)
	}
}

func run(ctx context.Context, etcd *clientv3.Client, command, name string, more []string) error {
	manager, err := endpoints.NewManager(etcd, name)
	if err != nil {
		return err
	}
	switch {
	case command == "add" && len(more) == 1:
		return manager.AddEndpoint(ctx, name+"/"+more[0], endpoints.Endpoint{Addr: more[0]})
	case command == "list" && len(more) == 0:
		return list(ctx, manager)
	case command == "call" && len(more) == 1:
		calls, err := strconv.Atoi(more[0])
		if err != nil {
			return err
		}
		return call(ctx, etcd, name, calls)
	}
	return fmt.Errorf("expected add, list or call, found %s %q", command, more)
}

func list(ctx context.Context, manager endpoints.Manager) error {
	found, err := manager.List(ctx)
	for key, endpoint := range found {
		fmt.Printf("%s %s %v\n", key, endpoint.Addr, endpoint.Metadata)
	}
	return err
}

func call(ctx context.Context, etcd *clientv3.Client, name string, calls int) error {
	builder, err := resolver.NewBuilder(etcd)
	if err != nil {
		return err
	}
	connection, err := grpc.NewClient("etcd:///"+name,
		grpc.WithResolvers(builder),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`))
	if err != nil {
		return err
	}
	defer connection.Close()
	client := grpc_health_v1.NewHealthClient(connection)
	for range calls {
		var server peer.Peer
		answer, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{},
			grpc.Peer(&server), grpc.WaitForReady(true))
		if err != nil {
			return err
		}
		fmt.Println(server.Addr, answer.Status)
	}
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}
