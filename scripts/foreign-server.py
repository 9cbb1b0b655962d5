#!/usr/bin/env python3
"""A service of the chain in another language: grpcio in the place of a hop.

    foreign-server.py profile              the last hop
    foreign-server.py user HOST:PORT       the middle hop, which calls this profile service
    foreign-server.py gateway HOST:PORT    the first hop, which calls this user service

It serves on a free port until its standard input ends, and prints a line of JSON: {"address": ...}.
As servers of grpcio do, it sends the headers of an answer with its first message. Needs
foreign-client.txt.
"""

import json
import sys
import tempfile
import time
from concurrent import futures

import grpc

import foreign_contracts

KNOWN = {str(number) for number in range(1, 1001)}


def ask(context, call, request):
    """The answer of the next hop; its refusal is ours."""
    try:
        return call(request)
    except grpc.RpcError as refused:
        context.abort(refused.code(), refused.details())


def play_profile(server):
    from tracewalk.profile.v1 import profile_pb2 as messages
    from tracewalk.profile.v1 import profile_pb2_grpc as services

    kept = {}

    def find(user_id):
        known = kept.get(user_id)
        return known or (messages.Profile(user_id=user_id, city="Python") if user_id in KNOWN else None)

    def keep(profile):
        kept[profile.user_id] = profile
        return profile

    class ProfileService(services.ProfileServiceServicer):
        def GetProfile(self, request, context):
            profile = find(request.user_id)
            if profile is None:
                context.abort(grpc.StatusCode.NOT_FOUND, "there is no such profile")
            return messages.GetProfileResponse(profile=profile)

        def PutProfile(self, request, context):
            return messages.PutProfileResponse(profile=keep(request.profile))

        def WatchProfile(self, request, context):
            for sequence in range(1, request.updates + 1):
                yield messages.WatchProfileResponse(profile=find(request.user_id), sequence=sequence)
                time.sleep(request.interval.ToTimedelta().total_seconds())

        def ImportProfiles(self, requests, context):
            return messages.ImportProfilesResponse(imported=sum(1 for each in requests if keep(each.profile)))

        def LookupProfiles(self, requests, context):
            for request in requests:
                profile = find(request.user_id)
                error = None if profile else messages.LookupError(reason="USER_NOT_FOUND")
                yield messages.LookupProfilesResponse(user_id=request.user_id, profile=profile, error=error)

        def PublishEvents(self, request, context):
            return messages.PublishEventsResponse()

    services.add_ProfileServiceServicer_to_server(ProfileService(), server)


def play_user(server, profile):
    from tracewalk.profile.v1 import profile_pb2 as profiles
    from tracewalk.profile.v1.profile_pb2_grpc import ProfileServiceStub
    from tracewalk.user.v1 import user_pb2 as messages
    from tracewalk.user.v1 import user_pb2_grpc as services

    stub = ProfileServiceStub(grpc.insecure_channel(profile))

    def user(user_id, profile=None):
        return messages.User(user_id=user_id, name="Python", profile=profile)

    class UserService(services.UserServiceServicer):
        def GetUser(self, request, context):
            onward = profiles.GetProfileRequest(user_id=request.user_id)
            answer = ask(context, stub.GetProfile, onward)
            return messages.GetUserResponse(user=user(request.user_id, answer.profile))

        def CreateUser(self, request, context):
            new = profiles.Profile(user_id="python", city=request.user.city)
            answer = ask(context, stub.PutProfile, profiles.PutProfileRequest(profile=new))
            return messages.CreateUserResponse(user=user("python", answer.profile))

        def WatchUser(self, request, context):
            onward = profiles.WatchProfileRequest(
                user_id=request.user_id, updates=request.updates, interval=request.interval
            )
            for update in stub.WatchProfile(onward):
                yield messages.WatchUserResponse(
                    user=user(request.user_id, update.profile), sequence=update.sequence
                )

        def ImportUsers(self, requests, context):
            def onward():
                for each in requests:
                    profile = profiles.Profile(user_id="python", city=each.user.city)
                    yield profiles.ImportProfilesRequest(profile=profile)

            return messages.ImportUsersResponse(imported=stub.ImportProfiles(onward()).imported)

        def LookupUsers(self, requests, context):
            onward = (profiles.LookupProfilesRequest(user_id=each.user_id) for each in requests)
            for answer in stub.LookupProfiles(onward):
                found = answer.WhichOneof("result") == "profile"
                yield messages.LookupUsersResponse(
                    user_id=answer.user_id,
                    user=user(answer.user_id, answer.profile) if found else None,
                    error=None if found else messages.LookupError(reason=answer.error.reason),
                )

    services.add_UserServiceServicer_to_server(UserService(), server)


def play_gateway(server, user):
    from tracewalk.gateway.v1 import gateway_pb2 as messages
    from tracewalk.gateway.v1 import gateway_pb2_grpc as services
    from tracewalk.user.v1 import user_pb2 as users
    from tracewalk.user.v1.user_pb2_grpc import UserServiceStub

    stub = UserServiceStub(grpc.insecure_channel(user))

    def turn(message, module):
        """The message of the same name and fields in the other contract."""
        return getattr(module, type(message).__name__).FromString(message.SerializeToString())

    class GatewayService(services.GatewayServiceServicer):
        def GetUser(self, request, context):
            return turn(ask(context, stub.GetUser, turn(request, users)), messages)

        def CreateUser(self, request, context):
            return turn(ask(context, stub.CreateUser, turn(request, users)), messages)

        def WatchUser(self, request, context):
            for update in stub.WatchUser(turn(request, users)):
                yield turn(update, messages)

        def ImportUsers(self, requests, context):
            onward = (turn(each, users) for each in requests)
            return turn(ask(context, stub.ImportUsers, onward), messages)

        def LookupUsers(self, requests, context):
            for answer in stub.LookupUsers(turn(each, users) for each in requests):
                yield turn(answer, messages)

    services.add_GatewayServiceServicer_to_server(GatewayService(), server)


def main():
    with tempfile.TemporaryDirectory() as folder:
        foreign_contracts.compile_into(folder)
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
        match sys.argv[1:]:
            case ["profile"]:
                play_profile(server)
            case ["user", profile]:
                play_user(server, profile)
            case ["gateway", user]:
                play_gateway(server, user)
            case _:
                sys.exit(__doc__)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        print(json.dumps({"address": f"127.0.0.1:{port}"}), flush=True)
        sys.stdin.read()
        server.stop(grace=None)


if __name__ == "__main__":
    main()
