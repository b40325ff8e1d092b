"""Does in AWS what somebody else would: `stranger.py operation input [service]`, in EC2 if none is named."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

operation, text, *service = sys.argv[1:]
try:
    print(json.dumps(getattr(boto3.client(*(service or ["ec2"])), operation)(**json.loads(text)), default=str))
except ClientError as error:
    print(json.dumps(error.response["Error"]))
