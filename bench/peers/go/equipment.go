package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/logging"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/timeout"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
)

// What is around the handler.
type equipment struct {
	server   []grpc.ServerOption
	client   []grpc.DialOption
	shutdown func(context.Context) error
}

func equip(variant, role, collector string) (*equipment, error) {
	e := &equipment{shutdown: func(context.Context) error { return nil }}
	switch variant {
	case "go-plain":
		return e, nil
	case "go-telemetry", "go-full":
	default:
		return nil, fmt.Errorf("there is no variant %q", variant)
	}
	if err := e.trace(role, collector); err != nil {
		return nil, err
	}
	server, client := e.measure()
	servers, clients := []grpc.UnaryServerInterceptor{server}, []grpc.UnaryClientInterceptor{client}
	if variant == "go-full" {
		servers = append(servers, logging.UnaryServerInterceptor(access(), logging.WithLogOnEvents(logging.FinishCall)),
			recovery.UnaryServerInterceptor())
		clients = append(clients, timeout.UnaryClientInterceptor(10*time.Second), retry.UnaryClientInterceptor(retry.WithMax(3)))
	}
	e.server = append(e.server, grpc.ChainUnaryInterceptor(servers...))
	e.client = append(e.client, grpc.WithChainUnaryInterceptor(clients...))
	return e, nil
}

// A span at each side of a call, all of them exported.
func (e *equipment) trace(role, collector string) error {
	exporter, err := otlptracegrpc.New(context.Background(), otlptracegrpc.WithEndpointURL(collector))
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(
		// A queue that a busy hop does not fill: as many spans as ours holds.
		sdktrace.WithBatcher(exporter, sdktrace.WithMaxQueueSize(16384)),
		sdktrace.WithResource(resource.NewSchemaless(semconv.ServiceName(role))),
	)
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	e.server = append(e.server, grpc.StatsHandler(otelgrpc.NewServerHandler()))
	e.client = append(e.client, grpc.WithStatsHandler(otelgrpc.NewClientHandler()))
	e.shutdown = provider.Shutdown
	return nil
}

// A histogram of the duration at each side of a call, with exemplars.
func (e *equipment) measure() (grpc.UnaryServerInterceptor, grpc.UnaryClientInterceptor) {
	exemplar := func(ctx context.Context) prometheus.Labels {
		if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
			return prometheus.Labels{"trace_id": span.TraceID().String()}
		}
		return nil
	}
	server := grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram())
	client := grpcprom.NewClientMetrics(grpcprom.WithClientHandlingTimeHistogram())
	prometheus.MustRegister(server, client)
	return server.UnaryServerInterceptor(grpcprom.WithExemplarFromContext(exemplar)),
		client.UnaryClientInterceptor(grpcprom.WithExemplarFromContext(exemplar))
}

// A line of JSON for each call that is served.
func access() logging.Logger {
	lines := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	return logging.LoggerFunc(func(ctx context.Context, level logging.Level, message string, fields ...any) {
		span := trace.SpanContextFromContext(ctx)
		fields = append(fields, "trace_id", span.TraceID().String(), "span_id", span.SpanID().String())
		lines.Log(ctx, slog.Level(level), message, fields...)
	})
}
