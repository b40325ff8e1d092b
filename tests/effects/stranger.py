"""Does in EC2 what somebody else would: `stranger.py operation input`."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

operation, text = sys.argv[1:]
try:
    print(json.dumps(getattr(boto3.client("ec2"), operation)(**json.loads(text)), default=str))
except ClientError as error:
    print(json.dumps(error.response["Error"]))
